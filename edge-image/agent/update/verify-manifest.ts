import type { EdgeImage, SignedUpdate, UpdateManifest } from "../../../policy/edge-device";
import { UpdateRefused } from "../../update/update-refused";
import { verifyManifest as verify } from "../../update/verify-manifest";
import { AgentFault } from "../agent-fault";

/** The manifest of an update that this device may take. @throws AgentFault `update` with why it is refused */
export function verifyManifest(signed: SignedUpdate, image: EdgeImage): UpdateManifest {
  try {
    return verify(signed, image);
  } catch (error) {
    if (!(error instanceof UpdateRefused)) throw error;
    throw new AgentFault("update", `the update was refused: ${error.message}`, { cause: error });
  }
}

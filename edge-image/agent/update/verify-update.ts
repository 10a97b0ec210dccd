import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type EdgeImage, type SignedUpdate, UPDATE_FILES, type UpdateManifest } from "../../../policy/edge-device";
import { AgentFault } from "../agent-fault";
import { verifyManifest } from "./verify-manifest";

/**
 * Verifies a whole update in a folder: manifest, size and SHA-256 of the image. The agent does so before it hands an update
 * over; the installer, which trusts the agent with nothing, does so again where the agent cannot write.
 * @throws AgentFault with why it is refused
 */
export async function verifyUpdate(folder: string, image: EdgeImage): Promise<UpdateManifest> {
  const manifest = verifyManifest(await readSigned(join(folder, UPDATE_FILES.update)), image);
  const path = join(folder, UPDATE_FILES.image);
  const { size } = await stat(path);
  if (size !== manifest.size)
    throw new AgentFault(
      "update",
      `the update was refused: its image has ${size} bytes, the manifest says ${manifest.size}`,
    );
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  const digest = hash.digest("hex");
  if (digest !== manifest.sha256)
    throw new AgentFault(
      "update",
      `the update was refused: its image has SHA-256 ${digest}, the manifest says ${manifest.sha256}`,
    );
  return manifest;
}

async function readSigned(path: string): Promise<SignedUpdate> {
  try {
    const { manifest, signature } = JSON.parse(await readFile(path, "utf8")) as SignedUpdate;
    return { manifest, signature };
  } catch (error) {
    throw new AgentFault(
      "update",
      `${path}: cannot be read (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

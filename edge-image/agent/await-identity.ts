import { setTimeout as pause } from "node:timers/promises";
import type { EdgeImage } from "../../policy/edge-device";
import { AgentFault } from "./agent-fault";
import type { Health } from "./health";
import { type DeviceIdentity, readIdentity } from "./identity/read-identity";

/** How often a device without a usable bundle looks again, ms. */
const LOOK_AGAIN_MS = 5_000;

/** First boot: the bundle may be put on the data partition while the device already runs. @returns undefined when `signal` aborts */
export async function awaitIdentity(
  folder: string,
  image: EdgeImage,
  health: Health,
  signal: AbortSignal,
): Promise<DeviceIdentity | undefined> {
  while (!signal.aborted) {
    try {
      const identity = await readIdentity(folder, image);
      health.clear("identity");
      return identity;
    } catch (error) {
      if (!(error instanceof AgentFault)) throw error;
      health.raise(error.code, error.message);
    }
    await pause(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type SlotHealth, UPDATE_FILES, type UpdateResult } from "../../../policy/edge-device";
import type { Versions } from "../report";
import type { AgentSettings } from "../settings";

/**
 * Which slot runs, and what became of the last update, as the boot side left it: nothing on a device with one slot.
 * @param refusal of the agent: what was installed of the same version says more, and so does what the installer refused later
 */
export async function readSlot(
  settings: AgentSettings,
  refusal: UpdateResult | undefined,
): Promise<Pick<Versions, "slot" | "lastUpdate">> {
  const slot = await read<SlotHealth>(settings.slot);
  const result = await read<UpdateResult>(join(settings.update, UPDATE_FILES.result));
  const lastUpdate = refusal && !(result && saysMore(result, refusal)) ? refusal : result;
  return {
    ...(slot && { slot: slot.state === "trying" ? `${slot.slot}, being tried` : slot.slot }),
    ...(lastUpdate && { lastUpdate }),
  };
}

const saysMore = ({ version, outcome, time }: UpdateResult, refusal: UpdateResult): boolean =>
  (version === refusal.version && (outcome === "installed" || outcome === "fell-back")) ||
  (time ?? "") > (refusal.time ?? "");

async function read<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as T;
  } catch {
    // It is for people to read: a damaged one keeps no device from working.
    return undefined;
  }
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type SlotHealth, UPDATE_FILES, type UpdateResult } from "../../../policy/edge-device";
import type { Versions } from "../report";
import type { AgentSettings } from "../settings";

/** What the boot side left: which slot runs, and what became of the last update. Nothing on a device with one slot. */
export async function readSlot(settings: AgentSettings): Promise<Pick<Versions, "slot" | "lastUpdate">> {
  const slot = await read<SlotHealth>(settings.slot);
  const lastUpdate = await read<UpdateResult>(join(settings.update, UPDATE_FILES.result));
  return {
    ...(slot && { slot: slot.state === "trying" ? `${slot.slot}, being tried` : slot.slot }),
    ...(lastUpdate && { lastUpdate }),
  };
}

async function read<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as T;
  } catch {
    // It is for people to read: a damaged one keeps no device from working.
    return undefined;
  }
}

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readSettings } from "../../edge-image/agent/settings";
import { readSlot } from "../../edge-image/agent/update/read-slot";
import type { UpdateResult } from "../../policy/edge-device";

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "dmz-slot-"));
  await mkdir(join(data, "update"));
});
afterEach(() => rm(data, { recursive: true }));

/** Of the agent, at noon. */
const refusal: UpdateResult = {
  version: "1.1.0",
  outcome: "refused",
  reason: "by the agent",
  time: "2026-01-01T12:00Z",
};
const unsigned: UpdateResult = { ...refusal, version: "unknown" };

test.each<[string, "result" | "refusal", Partial<UpdateResult>, UpdateResult]>([
  ["the same version was installed, which is why", "result", { outcome: "installed" }, refusal],
  ["the device fell back from the same version, which is why", "result", { outcome: "fell-back" }, refusal],
  // It ran, and somebody started the other slot by hand: why it is not taken again is not in it.
  ["the same version was kept once", "refusal", { outcome: "confirmed" }, refusal],
  ["another version fell back", "refusal", { outcome: "fell-back", version: "1.0.5" }, refusal],
  ["the installer refused it later", "result", { outcome: "refused", time: "2026-01-01T12:05Z" }, refusal],
  ["the installer refused it before", "refusal", { outcome: "refused", time: "2026-01-01T11:55Z" }, refusal],
  // Anybody's announcement hides nothing that came after it.
  ["the installer refused the real one later", "result", { outcome: "refused", time: "2026-01-01T12:05Z" }, unsigned],
])("when the agent refused an announcement, and %s, the %s is said", async (_, said, result, refused) => {
  const left = { version: "1.1.0", reason: "by the slots' service", ...result };
  await writeFile(join(data, "update/result.json"), JSON.stringify(left));
  const { lastUpdate } = await readSlot(readSettings({ DMZ_AGENT_DATA: data }), refused);
  expect(lastUpdate).toEqual(said === "result" ? left : refused);
});

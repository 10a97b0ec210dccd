import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, jest } from "@jest/globals";
import { LevelKeyValue } from "../../../broker/src/persistence/level-key-value";
import { keyValueContract } from "./key-value-contract";

// Every opening and every batch syncs the disk.
jest.setTimeout(120_000);

let folder: string;
let opened = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mqtt-dmz-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

keyValueContract("LevelDB", () => LevelKeyValue.open({ folder: join(folder, `${(opened += 1)}`), create: true }));

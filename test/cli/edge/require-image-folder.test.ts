import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { requireImageFolder } from "../../../cli/edge/require-image-folder";
import { temporaryFolder } from "../../vault/temporary-folder";
import { runDmz } from "../run-dmz";
import { writeSite } from "../site-folder";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const BUILD = ["raw", "raw.sha256", "raw.sha256.sig", "raw.zst", "cdx.json", "update", "update.json"].map(
  (end) => `plant-gateway-1.0.0.${end}`,
);

/** A folder with empty files of these names. */
function holding(name: string, files: readonly string[]): string {
  const path = join(folder.path, name);
  mkdirSync(path);
  for (const file of files) writeFileSync(join(path, file), "");
  return path;
}

describe("the folder that an edge image is built into", () => {
  test("may be missing, empty, or an earlier build's, with disks that were provisioned beside it", async () => {
    for (const path of [
      join(folder.path, "missing"),
      holding("empty", []),
      holding("earlier", BUILD),
      holding("provisioned", [...BUILD, "gw-1.raw"]),
    ])
      await expect(requireImageFolder(path)).resolves.toBeUndefined();
  });

  test("is refused with anything else in it, however many builds are there too", async () => {
    for (const [path, named] of [
      [holding("letters", ["letter.txt"]), "letter.txt"],
      [holding("mixed", [...BUILD, "zebra"]), "zebra"],
      [holding("machines", ["windows.raw"]), "windows.raw"],
    ] as const)
      await expect(requireImageFolder(path)).rejects.toThrow(
        `${path}: must be a new folder or an earlier build's, and holds '${named}'; name another one with --output`,
      );
  });

  test("keeps what is in it when the command is refused, before a key is made or a tool is asked for", async () => {
    const path = holding("precious", ["plans.txt"]);
    await writeSite(join(folder.path, "sites"), "plant");
    const args = ["image", "edge", "build", "--sites", "sites", "--output", "precious"];
    const { code, stderr } = await runDmz(args, { cwd: folder.path, env: { PATH: "" } });
    expect(stderr).toMatch(/^dmz: .*precious: must be a new folder.*'plans\.txt'; name another one with --output/);
    expect(code).toBe(2);
    expect(readdirSync(path)).toEqual(["plans.txt"]);
    expect(readdirSync(folder.path)).not.toContain(".dmz");
  });
});

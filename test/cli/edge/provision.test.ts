import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readDeviceBundle } from "../../../cli/edge/read-device-bundle";
import { runDmz } from "../run-dmz";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dmz-provision-"));
  writeFileSync(join(folder, "notes.txt"), "no disk");
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ["that is not there", "nofile", "nofile: there is no such file"],
  ["that is a folder", ".", ".: is no file"],
  ["that is no disk", "notes.txt", "notes.txt: this is no disk image of ours"],
])("an image %s is a wrong command line, said before the bundle is looked at", async (_, image, reason) => {
  const { code, stderr } = await runDmz(["image", "edge", "provision", image, "nobundle"], { cwd: folder });
  expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
  expect(stderr).not.toContain("nobundle");
  expect(readdirSync(folder)).toEqual(["notes.txt"]);
});

/** What the test calls a bundle's `mqtt.json`, with the password that it names. */
const bundleOf = (connection: unknown): string => {
  const bundle = join(folder, "gw-1");
  mkdirSync(bundle);
  for (const name of ["password", "ca.pem", "My CA.pem"]) writeFileSync(join(bundle, name), name);
  writeFileSync(join(bundle, "mqtt.json"), JSON.stringify(connection));
  return bundle;
};

test.each<readonly [string, unknown, RegExp]>([
  ["no object", null, /mqtt\.json must be a JSON object/],
  ["one without files", { kind: "edge", clientId: "gw-1" }, /'files' must name the bundle's password and ca/],
  [
    "one without a CA",
    { kind: "edge", files: { password: "password" } },
    /'files' must name the bundle's password and ca/,
  ],
  // It would be looked for on the device, and not be there.
  [
    "one that names a file that is not copied",
    { kind: "edge", files: { password: "password", ca: "My CA.pem" } },
    /'My CA\.pem'/,
  ],
  [
    "one that names a file elsewhere",
    { kind: "edge", files: { password: "../gw-2/password", ca: "ca.pem" } },
    /'\.\.\/gw-2\/password'/,
  ],
])("a bundle whose mqtt.json is %s is refused in words", async (_, connection, words) => {
  await expect(readDeviceBundle(bundleOf(connection))).rejects.toThrow(words);
});

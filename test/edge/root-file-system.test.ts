import { expect, test } from "@jest/globals";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildBundle } from "../../cli/edge/build-bundle";
import { EDGE_FOLDER } from "../../cli/edge/edge-folder";
import { normalRuleset } from "../../cli/edge/normal-ruleset";
import { rulesetJson } from "../../cli/edge/ruleset-json";
import { SLOT_TOOL } from "../../cli/edge/site-files";
import { verifyDetached } from "../../cli/edge/verify-detached";
import { EDGE_PATHS, type EdgeImage } from "../../policy/edge-device";
import { edgeRuleset } from "../../policy/edge-ruleset";
import { BROKER_HOST, DEVICE, testSite } from "./test-site";
import { KEYS, testImage, UNPACKED } from "./test-image";

const at = (path: string): string => join(UNPACKED, path);
const read = (path: string): string => readFileSync(at(path), "utf8");

test("the rules in the image are those that the declaration gives, loaded and compared rule by rule", async () => {
  const [built, declared] = await Promise.all([
    rulesetJson(read("etc/nftables.conf")),
    rulesetJson(edgeRuleset(testSite)),
  ]);
  expect(normalRuleset(built)).toEqual(normalRuleset(declared));
  expect(normalRuleset(built).length).toBeGreaterThan(25);
});

test("everything in edge-image/rootfs is on the device", () => {
  const folder = join(EDGE_FOLDER, "rootfs");
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    expect({ path, content: read(path.slice(folder.length)) }).toEqual({ path, content: readFileSync(path, "utf8") });
  }
});

test("the image says what it is, and whose", () => {
  const image = JSON.parse(read(EDGE_PATHS.image)) as EdgeImage;
  expect(image).toMatchObject({ site: testSite.name, host: BROKER_HOST, deviceClass: "gateway", devices: [DEVICE] });
  expect(read("usr/lib/dmz/broker-host")).toBe(`${BROKER_HOST}\n`);
});

test.each([
  "ssh",
  "sshd",
  "apt",
  "apt-get",
  "dpkg",
  "perl",
  "python3",
  "gcc",
  "cc",
  "make",
  "su",
  "sudo",
  "login",
  "agetty",
  "sulogin",
  "passwd",
  "curl",
  "wget",
  "nc",
  "unshare",
])("there is no %s on the device", (program) => {
  for (const folder of ["usr/bin", "usr/sbin", "usr/local/bin"])
    expect(existsSync(at(join(folder, program)))).toBe(false);
});

test("nobody can become somebody else: no program is set-user-id, and no account has a password", () => {
  const found = execFileSync("find", [UNPACKED, "-xdev", "-perm", "/6000", "-type", "f"]).toString();
  expect(found).toBe("");
  for (const line of read("etc/shadow").trim().split("\n")) expect(line.split(":")[1]).toMatch(/^[!*]/);
});

test("there is no private key in the image", () => {
  const folders = ["etc", "usr/lib/dmz", "usr/share", "var", "data"].map(at).filter((folder) => existsSync(folder));
  // Ends with 1 when it finds nothing, and only then.
  const { status, stdout } = spawnSync("grep", ["-rlE", "BEGIN [A-Z ]*PRIVATE KEY", ...folders], { encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
});

test("the kernel has no module of wireless, Bluetooth, bridges or protocols that are not used", () => {
  const [version] = readdirSync(at("usr/lib/modules"));
  const modules = readdirSync(at(`usr/lib/modules/${version}/kernel`), { recursive: true, encoding: "utf8" });
  for (const forbidden of [
    /wireless|bluetooth|sound|gpu\//,
    /net\/(bridge|sctp|dccp|tipc|rds|can|openvswitch)/,
    /fs\/(nfs|cifs|overlayfs|fuse)/,
  ])
    expect(modules.filter((module) => forbidden.test(module))).toEqual([]);
});

test("the agent's unit is confined: systemd's own measure of exposure stays below 1.6 of 10", () => {
  const text = execFileSync(
    "systemd-analyze",
    ["security", "--offline=true", `--root=${UNPACKED}`, "--threshold=16", "dmz-agent.service"],
    { encoding: "utf8" },
  );
  process.stdout.write(`${text.trim().split("\n").at(-1)}\n`);
  expect(text).toMatch(/Overall exposure level/);
});

test("the tool that writes slots is what its sources give", async () => {
  expect(readFileSync(at(SLOT_TOOL)).equals(await buildBundle("edge-image/slot/main.ts"))).toBe(true);
});

test("the disk's checksum, and the bill of materials, carry a signature that verifies", async () => {
  const { folder, files } = await testImage();
  for (const file of [files.disk, files.compressed, files.bill])
    expect(await verifyDetached(join(folder, file), `${KEYS.image}.pub`)).toBe(file);
});

test("the bill of materials lists Debian's packages, Node and what is in the agent's bundle", async () => {
  const { folder, files } = await testImage();
  const { components, metadata } = JSON.parse(readFileSync(join(folder, files.bill), "utf8")) as {
    metadata: { component: { type: string } };
    components: { name: string; purl: string }[];
  };
  expect(metadata.component.type).toBe("firmware");
  for (const name of ["systemd", "nftables", "linux-image-amd64", "node", "mqtt"])
    expect(components.map((component) => component.name)).toContain(name);
  const installed = read("var/lib/dpkg/status").match(/^Package: /gm)!.length;
  // GRUB is on the disk, and not in the root.
  const grub = ["grub-common", "grub-pc-bin"];
  expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(grub));
  expect(components.filter(({ purl }) => purl.startsWith("pkg:deb/")).length).toBe(installed + grub.length);
});

test("the compressed image is below 200 MB", async () => {
  const { folder, files } = await testImage();
  expect(statSync(join(folder, files.compressed)).size).toBeLessThan(200e6);
});

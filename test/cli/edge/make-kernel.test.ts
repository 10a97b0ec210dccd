import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { EDGE_TARGETS } from "../../../cli/edge/edge-target";
import { makeKernel } from "../../../cli/edge/make-kernel";
import { type Architecture, ARCHITECTURES } from "../../../policy/architecture";
import { loadSections, uefiProgram } from "./uefi-program";

const ROOT = {
  file: "",
  hash: "ab".repeat(32),
  uuid: "11111111-2222-8333-8444-555555555555",
  hashOffset: 40960,
  size: 0,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dmz-kernel-"));
});
afterEach(() => rm(folder, { recursive: true }));

const make = async (architecture: Architecture, stub: number, kernel: number): Promise<Buffer> => {
  const files = {
    stub: uefiProgram({ machine: stub }),
    kernel: uefiProgram({ machine: kernel }),
    initrd: Buffer.from("i"),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const [into, target] = [join(folder, "kernel.efi"), EDGE_TARGETS[architecture]];
  const paths = { stub: join(folder, "stub"), kernel: join(folder, "kernel"), initrd: join(folder, "initrd") };
  await makeKernel({ ...paths, target, root: ROOT, version: "1.4.0", into });
  return readFile(into);
};

test.each(ARCHITECTURES)(
  "a kernel image for %s holds kernel, initrd, root hash and version in systemd's sections",
  async (each) => {
    const { machine, consoles } = EDGE_TARGETS[each];
    const file = await make(each, machine, machine);
    const sections = new Map(loadSections(file).sections.map(({ name, content }) => [name, content]));
    const grub = EDGE_TARGETS[each].hasBios ? [".grub"] : [];
    expect([...sections.keys()]).toEqual([".text", ".osrel", ".cmdline", ...grub, ".initrd", ".linux"]);
    expect(sections.get(".linux")!.equals(uefiProgram({ machine }))).toBe(true);
    expect(sections.get(".initrd")!.toString()).toBe("i");
    expect(sections.get(".osrel")!.toString()).toMatch(/^IMAGE_VERSION=1\.4\.0$/m);
    const words = sections.get(".cmdline")!.toString().replace("\0", "").split(" ");
    expect(words).toEqual(expect.arrayContaining(["ro", `dmz.roothash=${ROOT.hash}`, `console=${consoles.at(-1)}`]));
    expect(file.readUInt16LE(file.readUInt32LE(0x3c) + 4)).toBe(machine);
  },
);

test.each([
  ["stub", EDGE_TARGETS.x86_64.machine, EDGE_TARGETS.arm64.machine],
  ["kernel", EDGE_TARGETS.arm64.machine, EDGE_TARGETS.x86_64.machine],
])("a %s for another processor is refused: it would start nowhere", async (name, stub, kernel) => {
  await expect(make("arm64", stub, kernel)).rejects.toThrow(`${name}: must be a program for arm64`);
});

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBase, type EdgeBase } from "../../cli/edge/build-base";
import { EDGE_TARGETS } from "../../cli/edge/edge-target";
import { makeDisk } from "../../cli/edge/make-disk";
import { makeKernel } from "../../cli/edge/make-kernel";
import { BootPartition, kernelFile, parseKernelFile, TRIES } from "../../edge-image/slot/boot-partition";
import { grubEnvironment } from "../../edge-image/slot/grub-environment";
import { compareVersions } from "../../policy/compare-versions";
import { CleanUp } from "../e2e/clean-up";
import { findTool } from "../e2e/find-tool";
import { start } from "../edge/spawned";
import { CACHE } from "../edge/test-image";
import { type Firmware, FULL, hardware } from "./firmware";
import { keepTyping } from "./keep-typing";
import { mtools } from "./mtools";

const TARGET = EDGE_TARGETS.x86_64;

const cleanUp = new CleanUp();
let folder: string;
let base: EdgeBase;
let disk: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dmz-bios-"));
  cleanUp.add(folder, () => rm(folder, { recursive: true, force: true }));
  base = await buildBase({ architecture: "x86_64", cache: CACHE, unpinned: true });
  const object = join(folder, "echo.o");
  execFileSync("as", ["--32", "-o", object, join(__dirname, "echo-kernel.S")]);
  execFileSync("objcopy", ["-O", "binary", object, join(folder, "echo-kernel")]);
  await writeFile(join(folder, "nothing"), "");
});
afterAll(async () => expect(await cleanUp.run()).toEqual([]));

/** A kernel image that says on the serial line that it is `version`, and resets the machine. */
async function kernelOf(version: string): Promise<string> {
  const into = join(folder, `${version}.efi`);
  const initrd = join(folder, "initrd");
  await writeFile(initrd, `initrd of ${version}\n`);
  const root = { file: "", hash: "0".repeat(64), uuid: version, hashOffset: 4096, size: 4096 };
  await makeKernel({
    target: TARGET,
    stub: base.stub,
    kernel: join(folder, "echo-kernel"),
    initrd,
    root,
    version,
    into,
  });
  return into;
}

/** A disk as the build makes it, whose boot partition has these kernel images instead. */
async function diskWith(...files: readonly string[]): Promise<void> {
  disk = join(folder, "disk.raw");
  const nothing = join(folder, "nothing");
  const kernel = await kernelOf("0.0.1");
  const own = { root: nothing, rootSize: 0, data: nothing, dataMib: 32, grub: base.grub, loader: base.loader };
  await makeDisk({ ...own, bootFile: TARGET.bootFile, kernel, version: "0.0.1", into: disk, work: folder });
  mtools(disk, "mdel", "::/EFI/Linux/dmz_0.0.1.efi");
  for (const file of files) await put(file, await kernelOf(parseKernelFile(file)!.version));
}

const put = async (file: string, from: string): Promise<void> =>
  void mtools(disk, "mcopy", "-o", from, `::/EFI/Linux/${file}`);
const putCounts = async (block: Buffer): Promise<void> => {
  await writeFile(join(folder, "grubenv"), block);
  mtools(disk, "mcopy", "-o", join(folder, "grubenv"), "::/grub/grubenv");
};

/** Powers the machine on, and pulls its plug at its first reset, or when its firmware gives up. @returns what it said */
async function startBy(firmware: Firmware): Promise<readonly string[]> {
  const qemu = findTool("qemu-system-x86_64", "apt-get install qemu-system-x86");
  const args = [...(await hardware(disk, folder, { firmware })), "-net", "none", "-no-reboot"];
  const machine = start(cleanUp, undefined, qemu, args);
  const gaveUp = machine.line((line) => line.includes("UEFI Interactive Shell"), "the firmware's own shell", 120_000);
  // Once it has ended and all that it said is read.
  const closed = once(machine.child, "close");
  await gaveUp.catch(() => undefined);
  await machine.stop("SIGKILL");
  await closed;
  return machine.lines;
}

/**
 * Starts the machine once by BIOS.
 * @returns the version whose kernel ran, by what its command line and its initrd say; undefined if none did
 */
async function started(): Promise<string | undefined> {
  const lines = await startBy("BIOS");
  const [, version] = /dmz\.uuid=([0-9.]+) /.exec(lines.join("\n")) ?? [];
  if (version !== undefined) expect(lines.at(-1)).toBe(`initrd of ${version}`);
  return version;
}

/** The versions of as many starts. */
async function starts(count: number): Promise<(string | undefined)[]> {
  const versions = [];
  for (let n = 0; n < count; n++) versions.push(await started());
  return versions;
}

/** What the device's own tool sees of the boot partition. */
async function seen(): Promise<BootPartition> {
  const mount = join(folder, "mount");
  await rm(mount, { recursive: true, force: true });
  await mkdir(mount);
  mtools(disk, "mcopy", "-s", "-n", "::/EFI", "::/grub", mount);
  return new BootPartition(mount);
}

test("a version on trial is started three times, then the one before it; the device's tool sees that none is left", async () => {
  await diskWith("dmz_1.9.0.efi", "dmz_1.10.0+3.efi");
  expect(await starts(5)).toEqual(["1.10.0", "1.10.0", "1.10.0", "1.9.0", "1.9.0"]);
  expect((await seen()).entries()).toContainEqual({ file: "dmz_1.10.0+3.efi", version: "1.10.0", triesLeft: 0 });
});

test("a version whose trial ended is started, and what was counted before is of no account", async () => {
  await diskWith("dmz_1.9.0.efi", "dmz_1.10.0.efi");
  await putCounts(grubEnvironment({ dmz_trial: "1.10.0", dmz_left: "0" }));
  expect(await starts(2)).toEqual(["1.10.0", "1.10.0"]);
});

test("attempts that systemd-boot counted in the name before are not given again", async () => {
  await diskWith("dmz_1.9.0.efi", "dmz_1.10.0+1-2.efi");
  expect(await starts(2)).toEqual(["1.10.0", "1.9.0"]);
});

test("another version's count is not this one's", async () => {
  await diskWith("dmz_1.9.0.efi", "dmz_1.10.0+3.efi");
  await putCounts(grubEnvironment({ dmz_trial: "1.9.5", dmz_left: "0" }));
  expect(await started()).toBe("1.10.0");
});

const PAIRS = [
  ["2026.010", "2026.9"],
  ["1.9.0", "1.10.0"],
  ["1.10.0", "1.9.0"],
  ["2.0", "1.99.99.99"],
  ["1.0.0.9", "1.0.0.10"],
];

test.each(PAIRS)("of %s and %s the newer is started, as versions are compared everywhere", async (one, other) => {
  await diskWith(...[one, other].map((version) => kernelFile(version)));
  expect(await started()).toBe(compareVersions(one, other) > 0 ? one : other);
});

// The firmware takes its time to find that the kernel is none for UEFI.
test.each(FULL ? PAIRS : PAIRS.slice(0, 1))("of %s and %s systemd-boot tries the same", async (...versions) => {
  const triedBy = async (firmware: Firmware): Promise<string[]> => {
    await diskWith(...versions.map((version) => kernelFile(version, TRIES)));
    await startBy(firmware);
    const entries = (await seen()).entries();
    return entries.filter(({ triesLeft }) => triesLeft === TRIES - 1).map(({ version }) => version);
  };
  const tried = await triedBy("BIOS");
  expect(tried).toHaveLength(1);
  expect(await triedBy("UEFI")).toEqual(tried);
});

test("what a power cut left half-written is not started: an update's unfinished file, counts that cannot be read", async () => {
  await diskWith("dmz_1.9.0.efi");
  await put("new.tmp", await kernelOf("1.10.0"));
  expect(await started()).toBe("1.9.0");
  await put("dmz_1.10.0+3.efi", await kernelOf("1.10.0"));
  await putCounts(Buffer.alloc(1024, 0xff));
  // What cannot be counted could be tried for ever.
  expect(await started()).toBe("1.9.0");
  (await seen()).mendCounts();
  await putCounts(await readFile(join(folder, "mount/grub/grubenv")));
  expect(await started()).toBe("1.10.0");
});

test("a kernel image that is none uses its attempts up like one that fails, and what ran before is started", async () => {
  await diskWith("dmz_1.9.0.efi");
  const broken = join(folder, "broken.efi");
  await writeFile(broken, "no kernel");
  await put("dmz_1.10.0+2-1.efi", broken);
  expect(await starts(3)).toEqual([undefined, undefined, "1.9.0"]);
});

test("of two good versions the older is started when the newer's file is damaged", async () => {
  await diskWith("dmz_1.9.0.efi");
  const cut = await kernelOf("1.10.0");
  await truncate(cut, 300_000);
  await put("dmz_1.10.0.efi", cut);
  expect(await started()).toBe("1.9.0");
});

test("a version without attempts left is started all the same when there is nothing else", async () => {
  await diskWith("dmz_1.10.0+0-3.efi");
  expect(await started()).toBe("1.10.0");
});

/** Of GRUB's shell, its rescue shell, its menu, and of what asks for an account before them. */
const PROMPT = /grub>|rescue>|username|GNU GRUB/;

test("nobody gets a menu or a shell from the loader, whatever is typed, even when there is nothing to start", async () => {
  await diskWith();
  const monitor = join(folder, "monitor");
  const qemu = findTool("qemu-system-x86_64", "apt-get install qemu-system-x86");
  // Stopped until somebody can type.
  const args = [...(await hardware(disk, folder, { firmware: "BIOS" })), "-net", "none", "-no-reboot", "-S"];
  const machine = start(cleanUp, undefined, qemu, [...args, "-monitor", `unix:${monitor},server=on`]);
  await machine.line((line) => line.includes("waiting for connection"), "the monitor");
  const closed = once(machine.child, "close");
  const typing = keepTyping(monitor);
  await machine.line((line) => PROMPT.test(line), "a prompt", 120_000).catch(() => undefined);
  await machine.stop("SIGKILL");
  await closed;
  expect(await typing).toBeGreaterThan(50);
  const said = machine.lines.join("\n");
  expect(said).toContain("no version can be started");
  expect(said).not.toMatch(PROMPT);
});

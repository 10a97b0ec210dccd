import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { provision } from "../../cli/edge/provision";
import { kernelFile, TRIES } from "../../edge-image/slot/boot-partition";
import { Lab } from "../edge/lab";
import { type LabBroker, startLabBroker } from "../edge/lab-broker";
import { buildTestImage } from "../edge/test-image";
import { DEVICE } from "../edge/test-site";
import { withNumbers } from "./numbers";
import { BOTH, FULL } from "./firmware";
import { powerOn } from "./machine";
import { mtools } from "./mtools";

let lab: Lab;
let broker: LabBroker;
let image: string;

beforeAll(async () => {
  lab = await Lab.create();
  broker = await startLabBroker(lab);
  const built = await buildTestImage("1.0.0", { name: "vm-1.0.0", alter: withNumbers });
  image = join(built.folder, built.files.disk);
});
afterAll(async () => lab?.close());

test.each(FULL ? BOTH : ["BIOS" as const])(
  "by %s: a version whose root is not what its kernel names is tried three times, then the one before it says so",
  async (firmware) => {
    const disk = join(lab.folder, `${firmware}.raw`);
    await provision({ image, bundle: join(broker.clients, DEVICE), output: disk });
    const kernel = join(lab.folder, "kernel.efi");
    mtools(disk, "mcopy", "-n", `::/EFI/Linux/${kernelFile("1.0.0")}`, kernel);
    // The same tree, so that its slot is found, and another hash, which its blocks do not have; of a newer version.
    const bytes = readFileSync(kernel);
    const [hash] = /(?<=dmz\.roothash=)[0-9a-f]{64}/.exec(bytes.toString("latin1"))!;
    const other = hash.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    // Twice: each loader has its own copy of the command line.
    for (let at = bytes.indexOf(hash); at !== -1; at = bytes.indexOf(hash, at)) bytes.write(other, at);
    bytes.write("IMAGE_VERSION=1.1.0", bytes.indexOf("IMAGE_VERSION=1.0.0"));
    writeFileSync(kernel, bytes);
    mtools(disk, "mcopy", kernel, `::/EFI/Linux/${kernelFile("1.1.0", TRIES)}`);

    const machine = await powerOn(lab, firmware, disk);
    await machine.console.line((line) => /1\.1\.0: fell-back/.test(line), "the report of it", 900_000);
    const { lines } = machine.console;
    const failed = lines.flatMap((line, index) => (/no slot holds the root/.test(line) ? [index] : []));
    expect(failed).toHaveLength(TRIES);
    expect(lines.slice(failed.at(-1)).some((line) => /started: .*image 1\.0\.0/.test(line))).toBe(true);
    expect(lines.slice(0, failed.at(-1)).some((line) => /started: /.test(line))).toBe(false);
    await machine.cutPower();
  },
);

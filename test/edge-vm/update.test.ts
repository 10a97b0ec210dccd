import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diskLayout } from "../../cli/edge/disk-layout";
import { provision } from "../../cli/edge/provision";
import { signUpdate, updateSigner } from "../../cli/edge/update-signer";
import { slotLayout, readSlotHeader, BLOCK } from "../../edge-image/slot/slot-image";
import { type SiteFile, SLOT_TOOL } from "../../cli/edge/site-files";
import { EDGE_PATHS, type SignedUpdate, type UpdateManifest } from "../../policy/edge-device";
import { Lab } from "../edge/lab";
import { type LabBroker, startLabBroker } from "../edge/lab-broker";
import { buildTestImage, KEYS } from "../edge/test-image";
import { DEVICE } from "../edge/test-site";
import { BOTH } from "./firmware";
import { powerOn } from "./machine";

const DATA_MIB = 256;
/** Each start is interpreted; this one has an update to write, too. */
const PATIENCE = 900_000;

/** What the slot's tool says, once a start, of an agent that never connects. */
const SILENT = "this agent says nothing to anybody";

/** An image whose agent is of no use, and whose slot is given 20 s instead of five minutes. */
const neverConnects = (files: readonly SiteFile[]): SiteFile[] =>
  files.map((file) => {
    if (file.path === EDGE_PATHS.agent.slice(1)) return { ...file, content: "setInterval(() => {}, 1000);" };
    if (file.path !== SLOT_TOOL) return file;
    const content = file.content.toString();
    expect(content).toContain("PATIENCE=5*6e4");
    return { ...file, content: content.replace("PATIENCE=5*6e4", `PATIENCE=(console.log("${SILENT}"),2e4)`) };
  });

let lab: Lab;
let broker: LabBroker;
let image: string;

beforeAll(async () => {
  lab = await Lab.create();
  broker = await startLabBroker(lab);
  const built = await buildTestImage("1.0.0", { name: "update-1.0.0", dataMib: DATA_MIB });
  image = join(built.folder, built.files.disk);
});
afterAll(async () => lab?.close());

/** Puts an update down as the agent leaves it, on the data partition of a machine that is off. */
function putDown(disk: string, image: string, update: SignedUpdate): void {
  const text = join(lab.folder, "update.json");
  writeFileSync(text, JSON.stringify(update));
  const { start } = diskLayout(DATA_MIB).partitions.find(({ label }) => label === "dmz-data")!;
  const script = join(lab.folder, "put-down");
  const commands = [
    "mkdir /update/ready",
    `write ${image} /update/ready/image`,
    `write ${text} /update/ready/update.json`,
  ];
  writeFileSync(script, `${commands.join("\n")}\n`);
  // What the power cut left in the journal comes first; ends with 1 when there was something.
  spawnSync("e2fsck", ["-fy", `${disk}?offset=${start}`], { stdio: "ignore" });
  execFileSync("debugfs", ["-w", "-f", script, `${disk}?offset=${start}`], { stdio: "ignore" });
}

describe.each(BOTH)("by %s", (firmware) => {
  let disk: string;
  beforeAll(async () => {
    disk = join(lab.folder, `${firmware}.raw`);
    await provision({ image, bundle: join(broker.clients, DEVICE), output: disk });
  });

  test(
    "an update is written to the idle slot, tried, and kept once its agent is connected",
    async () => {
      const built = await buildTestImage("1.1.0", { dataMib: DATA_MIB });
      const update = JSON.parse(readFileSync(join(built.folder, `${built.files.update}.json`), "utf8")) as SignedUpdate;
      putDown(disk, join(built.folder, built.files.update), update);
      const machine = await powerOn(lab, disk, { firmware });
      await machine.console.line((line) => /1\.1\.0: installed/.test(line), "the update to be installed", PATIENCE);
      await machine.console.line((line) => /started: .*image 1\.1\.0/.test(line), "the new version's agent", PATIENCE);
      await machine.console.line((line) => /1\.1\.0: confirmed/.test(line), "the new version to be kept", PATIENCE);
      await machine.console.stop("SIGTERM");
      await machine.cutPower();
    },
    2 * PATIENCE,
  );

  test(
    "an update that does not come up is left after three attempts, and the version before it says so",
    async () => {
      const built = await buildTestImage("1.2.0", { dataMib: DATA_MIB });
      const broken = join(lab.folder, "broken.update");
      copyFileSync(join(built.folder, built.files.update), broken);
      const bytes = readFileSync(broken);
      const { root } = slotLayout(readSlotHeader(bytes.subarray(0, BLOCK), bytes.length));
      // Signed as it is, so that nothing before the start can know: the root that its kernel names is not the root that it brings.
      bytes[root + 100]! ^= 1;
      writeFileSync(broken, bytes);
      const { manifest } = JSON.parse(
        readFileSync(join(built.folder, `${built.files.update}.json`), "utf8"),
      ) as SignedUpdate;
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const changed = { ...(JSON.parse(manifest) as UpdateManifest), sha256 };
      putDown(disk, broken, signUpdate(changed, await updateSigner(KEYS.update)));

      const machine = await powerOn(lab, disk, { firmware });
      await machine.console.line((line) => /1\.2\.0: installed/.test(line), "the update to be installed", PATIENCE);
      const since = machine.console.lines.length;
      // The agent of the version before may only now start for the first time: what counts is what comes after the failures.
      await machine.console.line((line) => /1\.2\.0: fell-back/.test(line), "the report of it", PATIENCE, since);
      const lines = machine.console.lines.slice(since);
      const failed = lines.flatMap((line, index) => (/no slot holds the root/.test(line) ? [index] : []));
      expect(failed).toHaveLength(3);
      expect(lines.slice(failed.at(-1)).some((line) => /started: .*image 1\.1\.0/.test(line))).toBe(true);
      await machine.cutPower();
    },
    2 * PATIENCE,
  );

  test(
    "an update whose agent never connects is left after three attempts, and the version before it says so",
    async () => {
      const built = await buildTestImage("1.3.0", { dataMib: DATA_MIB, alter: neverConnects });
      const update = JSON.parse(readFileSync(join(built.folder, `${built.files.update}.json`), "utf8")) as SignedUpdate;
      putDown(disk, join(built.folder, built.files.update), update);
      const machine = await powerOn(lab, disk, { firmware });
      await machine.console.line((line) => /1\.3\.0: installed/.test(line), "the update to be installed", PATIENCE);
      const since = machine.console.lines.length;
      await machine.console.line((line) => /1\.3\.0: fell-back/.test(line), "the report of it", PATIENCE, since);
      const lines = machine.console.lines.slice(since);
      expect(lines.filter((line) => line.includes(SILENT))).toHaveLength(3);
      expect(lines.findLastIndex((line) => /started: .*image 1\.[01]\.0/.test(line))).toBeGreaterThan(
        lines.findLastIndex((line) => line.includes(SILENT)),
      );
      await machine.cutPower();
    },
    2 * PATIENCE,
  );
});

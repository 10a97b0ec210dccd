/**
 * What writes a slot and looks after it, on the device, as root: `install` when the agent has put an update down, `boot`
 * once after each start.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  EDGE_PATHS,
  EDGE_USER,
  type EdgeImage,
  type SlotHealth,
  UPDATE_FILES,
  type UpdateResult,
} from "../../policy/edge-device";
import { afterBoot } from "./after-boot";
import { withBootPartition } from "./boot-partition";
import { installUpdate } from "./install-update";
import { takeUpdate } from "./take-update";
import { writeWhole } from "./write-whole";

/** How long the agent of a slot on trial may take to connect, ms. */
const PATIENCE = 5 * 60_000;

const partition = (name: string): string => `/dev/disk/by-partlabel/dmz-${name}`;
const image = JSON.parse(readFileSync(EDGE_PATHS.image, "utf8")) as EdgeImage;
/** The initramfs leaves it here: the slot whose blocks verified. */
const slot = readFileSync("/run/dmz-slot", "utf8").trim() as SlotHealth["slot"];

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const write = (path: string, value: object): void => writeWhole(path, `${JSON.stringify(value)}\n`, EDGE_USER.uid);
const restart = (): void => void execFileSync("systemctl", ["--no-block", "reboot"]);
const result = (outcome: UpdateResult): void => {
  say(`${outcome.version}: ${outcome.outcome}${outcome.reason ? `, ${outcome.reason}` : ""}`);
  write(join(EDGE_PATHS.update, UPDATE_FILES.result), outcome);
};

async function connected(): Promise<boolean> {
  const end = performance.now() + PATIENCE;
  while (!existsSync(EDGE_PATHS.connected)) {
    if (performance.now() > end) return false;
    await delay(500);
  }
  return true;
}

function install(): void {
  const ready = join(EDGE_PATHS.update, "ready");
  const idle = partition(`slot-${slot === "a" ? "b" : "a"}`);
  takeUpdate({
    ready,
    install: () => withBootPartition(partition("esp"), (boot) => installUpdate({ image, ready, slot: idle, boot })),
    result,
    say,
    restart,
  });
}

const commands: Readonly<Record<string, () => Promise<void> | void>> = {
  install,
  boot: () =>
    afterBoot({
      image,
      slot,
      boot: (use) => withBootPartition(partition("esp"), use),
      connected,
      health: (health) => write(EDGE_PATHS.slot, health),
      result,
      restart,
    }),
};

const command = commands[process.argv[2] ?? ""];
if (command === undefined) throw new Error(`slot.cjs must be called with install or boot, got '${process.argv[2]}'`);
void Promise.resolve(command()).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

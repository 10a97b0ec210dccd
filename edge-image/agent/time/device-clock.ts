import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { replaceFile } from "../../../vault/atomic-file";

/** The device's time, for devices that may wake up in 1970. docs/decisions/0017 says why it is as it is. */
export interface DeviceClock {
  /** ms; never before the last known time, and never standing still. */
  now(): number;
  /** No true time can be earlier: the last known one on disk, or when the image was built. ms */
  floor(): number;
  /** Is the system's clock before the last known time? */
  isBehind(): boolean;
  /** Has network time set the system's clock since the boot? */
  isSynchronised(): boolean;
  /** Resolves when the clock is not behind any more, or after `ms`. */
  whenSet(ms: number, signal: AbortSignal): Promise<void>;
  /** A signature proves that it is at least this late. ms */
  learn(time: number): void;
  /** Keeps the last known time for the next start. */
  save(): Promise<void>;
}

const LOOK_MS = 250;

export interface DeviceClockProps {
  /** The state folder. */
  readonly folder: string;
  /** When the image was built, ms. */
  readonly builtAt: number;
  /** Exists once network time has set the clock. */
  readonly synchronised: string;
  /** The system's clock, ms. @default Date.now */
  readonly system?: () => number;
}

/** Reads the last known time; a file that is missing or damaged counts as none. */
export async function openDeviceClock(props: DeviceClockProps): Promise<DeviceClock> {
  const { system = Date.now } = props;
  const path = join(props.folder, "time.json");
  let floor = Math.max(props.builtAt, await readLastKnown(path));
  let floorSetAt = performance.now();
  const isBehind = (): boolean => system() < floor;
  const now = (): number => (isBehind() ? Math.round(floor + performance.now() - floorSetAt) : system());
  return {
    now,
    floor: () => floor,
    isBehind,
    isSynchronised: () => existsSync(props.synchronised),
    whenSet: async (ms, signal) => {
      const until = performance.now() + ms;
      while (isBehind() && performance.now() < until && !signal.aborted)
        await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
    },
    learn: (time) => {
      if (time <= floor) return;
      floor = time;
      floorSetAt = performance.now();
    },
    save: () => replaceFile(path, JSON.stringify({ version: 1, lastKnown: new Date(floor).toISOString() })),
  };
}

async function readLastKnown(path: string): Promise<number> {
  try {
    const { lastKnown } = JSON.parse(await readFile(path, "utf8")) as { lastKnown?: unknown };
    const time = typeof lastKnown === "string" ? Date.parse(lastKnown) : Number.NaN;
    return Number.isFinite(time) ? time : 0;
  } catch {
    // The first boot, or a damaged file: the image's own time is a lower bound, too.
    return 0;
  }
}

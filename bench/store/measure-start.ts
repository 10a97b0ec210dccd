import { loadavg } from "node:os";
import { join } from "node:path";
import { tenThousandDevices } from "../../test/sites/ten-thousand";
import type { BenchSite } from "../broker/prepare-site";
import { cpuMicroseconds, residentBytes } from "../broker/process-usage";
import { startOurs, storeOf } from "../broker/start-ours";
import { median } from "../median";
import { fillStore, type Content } from "./fill-store";

/** Starts on a full store; times and memory are medians. */
export interface StartFigures extends Content {
  readonly measured: string;
  readonly loadBefore: number;
  readonly starts: number;
  readonly keys: number;
  /** From the process's start to its being active, by the clock. */
  readonly activeMs: number;
  /** Of all its threads until then, user and system. */
  readonly cpuMs: number;
  /** The same with an all but empty store: identities, certificates, Node itself. */
  readonly emptyCpuMs: number;
  /** Resident at that moment. */
  readonly residentMiB: number;
  readonly emptyResidentMiB: number;
}

export interface StartProps {
  readonly site: BenchSite;
  readonly core: number;
  readonly bundle: string;
  readonly content: Content;
  readonly starts: number;
}

const MIB = 1024 * 1024;

/** Starts the broker several times on a store with hardly anything in it, then as often on a full one. */
export async function measureStart({ site, core, bundle, content, starts }: StartProps): Promise<StartFigures> {
  const loadBefore = loadavg()[0]!;
  const several = async (): Promise<{ activeMs: number; cpuMs: number; residentMiB: number }> => {
    const seen: { activeMs: number; cpuMs: number; resident: number }[] = [];
    for (let i = 0; i < starts; i++) {
      const begun = performance.now();
      const server = await startOurs({ site, core, bundle });
      const activeMs = performance.now() - begun;
      seen.push({ activeMs, cpuMs: cpuMicroseconds(server.pid) / 1000, resident: residentBytes(server.pid) });
      await server.end();
    }
    return {
      activeMs: median(seen.map((one) => one.activeMs)),
      cpuMs: median(seen.map((one) => one.cpuMs)),
      residentMiB: median(seen.map((one) => one.resident)) / MIB,
    };
  };
  const empty = await several();
  const keys = await fillStore(join(storeOf(site), "restore"), tenThousandDevices(), content);
  const full = await several();
  return {
    ...content,
    measured: new Date().toISOString(),
    loadBefore,
    starts,
    keys,
    ...full,
    emptyCpuMs: empty.cpuMs,
    emptyResidentMiB: empty.residentMiB,
  };
}

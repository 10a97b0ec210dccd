import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { EDGE_NODE_FLAGS, type EdgeImage } from "../../policy/edge-device";
import { SITE } from "../broker/plant";

/** A device's folders, as on its data partition, and what its image says. */
export interface Device {
  readonly folder: string;
  readonly data: string;
  readonly run: string;
  readonly socket: string;
  /** Writes the image's own file; the defaults fit `edgeSite`. */
  writeImage(changes?: Partial<EdgeImage>): Promise<void>;
  remove(): Promise<void>;
}

export async function createDevice(): Promise<Device> {
  const folder = await mkdtemp(join(tmpdir(), "dmz-edge-"));
  const [data, run] = [join(folder, "data"), join(folder, "run")];
  for (const path of [run, ...["identity", "queue", "state", "update"].map((each) => join(data, each))])
    await mkdir(path, { recursive: true });
  const writeImage = (changes: Partial<EdgeImage> = {}): Promise<void> => {
    const image: EdgeImage = {
      version: 1,
      site: SITE,
      host: "localhost",
      deviceClass: "gateway-amd64",
      imageVersion: "1.0.0",
      builtAt: 1_750_000_000,
      updateKeys: [],
      ...changes,
    };
    return writeFile(join(folder, "image.json"), JSON.stringify(image));
  };
  await writeImage();
  return {
    folder,
    data,
    run,
    socket: join(run, "agent.sock"),
    writeImage,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A real process that runs the bundled agent. */
export interface AgentProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Everything it said so far. */
  readonly lines: readonly string[];
  /** The next line that matches, said before or after the call. Fails when the process ends first. */
  said(pattern: RegExp, after?: number): Promise<string>;
  /** Ends it with a signal, and waits. @returns its exit code */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts the agent on a device's folders. @param env more of its environment, such as `DMZ_AGENT_HEARTBEAT_MS` */
export function startAgent(
  bundle: string,
  device: Device,
  env: Readonly<Record<string, string>> = {},
  nodeOptions: readonly string[] = [],
): AgentProcess {
  const child = spawn(process.execPath, [...EDGE_NODE_FLAGS, ...nodeOptions, bundle], {
    env: {
      MALLOC_ARENA_MAX: "1",
      DMZ_AGENT_DATA: device.data,
      DMZ_AGENT_RUN: device.run,
      DMZ_AGENT_IMAGE: join(device.folder, "image.json"),
      DMZ_AGENT_BACK_OFF_MS: "50",
      DMZ_AGENT_LONGEST_BACK_OFF_MS: "200",
      DMZ_AGENT_SYNCHRONISED: join(device.folder, "synchronised"),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  const closed = once(child, "close").then(([code]) => code as number | null);
  const take = (line: string): void => {
    lines.push(line);
    for (const look of watchers) look();
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", take);
  return {
    child,
    pid: child.pid!,
    lines,
    said: (pattern, after = 0) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = lines.slice(after).find((each) => pattern.test(each));
          if (line === undefined) return;
          watchers.delete(look);
          resolve(line);
        };
        watchers.add(look);
        look();
        void closed.then((code) =>
          reject(new Error(`it ended with ${code} without saying ${pattern}:\n${lines.join("\n")}`)),
        );
      }),
    stop: (signal = "SIGTERM") => {
      child.kill(signal);
      return closed;
    },
  };
}

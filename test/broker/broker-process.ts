import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { LogLine } from "./log-capture";
import { SITE } from "./plant";

/** A broker in a process of its own. */
export interface BrokerProcess {
  readonly child: ChildProcess;
  /** What it said on stderr. */
  readonly errors: () => string;
  readonly lines: readonly LogLine[];
  /** Resolves with its first log line of this event, past or future. */
  readonly until: (event: string) => Promise<LogLine>;
  /** Exit code; null: killed. */
  readonly exited: Promise<number | null>;
}

/** A whole environment: any free ports, secrets in this folder. */
export const environment = (vault: string): Record<string, string> => ({
  DMZ_SITE: SITE,
  DMZ_SOURCE: `directory:${vault}`,
  DMZ_STORE: join(vault, "store"),
  DMZ_MQTT_PORT: "0",
  DMZ_HTTPS_PORT: "0",
});

/** @param env all that it sees of an environment. */
export function startBrokerProcess(bundle: string, env: Readonly<Record<string, string>>): BrokerProcess {
  const child = spawn(process.execPath, [bundle], { env, stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (part: Buffer) => (errors += part.toString()));
  const lines: LogLine[] = [];
  const reader = createInterface({ input: child.stdout });
  const watchers = new Set<() => void>();
  reader.on("line", (text) => {
    lines.push(JSON.parse(text) as LogLine);
    for (const look of watchers) look();
  });
  return {
    child,
    errors: () => errors,
    lines,
    until: (event) =>
      new Promise((resolve) => {
        const look = (): void => {
          const line = lines.find((each) => each.event === event);
          if (!line) return;
          watchers.delete(look);
          resolve(line);
        };
        watchers.add(look);
        look();
      }),
    exited: once(child, "close").then(([code]) => code as number | null),
  };
}

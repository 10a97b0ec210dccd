import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Plant } from "../broker/plant";

/** What ran, and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

export interface Subscriber {
  /** Messages as `topic qos retain payload`. */
  readonly messages: readonly string[];
  /** Resolves with the first line of debug output, past or future, that contains the text. */
  readonly until: (text: string) => Promise<string>;
  readonly ended: Promise<Ended>;
  readonly end: () => Promise<Ended>;
}

const MESSAGE = "message: ";

/** Mosquitto's own clients, over TLS with the bundles of a plant's identities. */
export class Mosquitto {
  readonly #running = new Set<ChildProcess>();

  private constructor(
    private readonly folder: string,
    private readonly plant: Plant,
    private readonly port: () => number,
  ) {}

  /** Writes the bundles to files, as an operator hands them over. */
  static async of(plant: Plant, port: () => number): Promise<Mosquitto> {
    const folder = await mkdtemp(join(tmpdir(), "dmz-peers-"));
    await writeFile(join(folder, "ca.pem"), plant.ca.join("\n"));
    for (const { name, key, certificate } of Object.values(plant.bundles)) {
      if (key) await writeFile(join(folder, `${name}.key`), key, { mode: 0o600 });
      if (certificate) await writeFile(join(folder, `${name}.crt`), certificate);
    }
    return new Mosquitto(folder, plant, port);
  }

  /** Runs `mosquitto_pub` to its end. */
  publish(name: string, ...options: readonly string[]): Promise<Ended> {
    return this.#run("mosquitto_pub", name, ["-d", ...options]).ended;
  }

  /** Starts `mosquitto_sub`; it ends by itself after 40 s. */
  subscribe(name: string, ...options: readonly string[]): Subscriber {
    return this.#run("mosquitto_sub", name, ["-d", "-W", "40", "-F", `${MESSAGE}%t %q %r %p`, ...options]);
  }

  async close(): Promise<void> {
    for (const child of this.#running) child.kill("SIGKILL");
    await rm(this.folder, { recursive: true });
  }

  #run(command: string, name: string, options: readonly string[]): Subscriber {
    const bundle = this.plant.bundles[name]!;
    const file = (kind: string): string => join(this.folder, `${name}.${kind}`);
    const given = (option: string): boolean => options.includes(option);
    const identity = [
      ...(given("-i") ? [] : ["-i", name]),
      ...(given("-u") ? [] : ["-u", name]),
      ...(given("-P") ? [] : ["-P", bundle.password]),
      ...(bundle.certificate && !given("--cert") ? ["--cert", file("crt"), "--key", file("key")] : []),
    ];
    const connection = ["-h", "localhost", "-p", String(this.port()), "--cafile", join(this.folder, "ca.pem")];
    // Without this the C library keeps the output to itself until there is a page of it.
    const unbuffered = ["-oL", command, ...connection, ...identity, ...options];
    const child = spawn("stdbuf", unbuffered, { stdio: ["ignore", "pipe", "pipe"] });
    this.#running.add(child);
    const lines: string[] = [];
    const messages: string[] = [];
    const looks = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        if (line.startsWith(MESSAGE)) messages.push(line.slice(MESSAGE.length));
        for (const look of looks) look();
      });
    }
    const ended = once(child, "close").then(([code]): Ended => {
      this.#running.delete(child);
      return { code: code as number | null, output: lines.join("\n") };
    });
    return {
      messages,
      ended,
      until: (text) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            const line = lines.find((each) => each.includes(text));
            if (line === undefined) return;
            looks.delete(look);
            resolve(line);
          };
          looks.add(look);
          void ended.then(({ code, output }) => reject(new Error(`${command} ended with ${code} first:\n${output}`)));
          look();
        }),
      end: async () => {
        child.kill("SIGINT");
        return ended;
      },
    };
  }
}

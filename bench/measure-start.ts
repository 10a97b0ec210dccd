import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connectAsync } from "mqtt";
import type { ClientConnection } from "../cli/client-connection";

/** The event of `dmz start --json` that says where the broker is. */
interface Ready {
  readonly event: string;
  readonly clients: readonly { readonly folder: string }[];
}

/**
 * Starts the local site in an empty folder, as `npm start` does on a fresh machine, and connects one client by its
 * bundle.
 *
 * @returns seconds from the start of the process to the broker's CONNACK.
 */
export async function measureStart(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "dmz-bench-start-"));
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [join(__dirname, "../cli/dmz.js"), "start", "--json", "--dir", folder, "--mqtt-port", "0", "--https-port", "0"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = once(child, "exit");
  try {
    const [client] = (await ready(child.stdout)).clients;
    const bundle = (file: string): string => join(client!.folder, file);
    const connection = JSON.parse(readFileSync(bundle("mqtt.json"), "utf8")) as ClientConnection;
    const { ca, password, certificate, key } = connection.files;
    const connected = await connectAsync(connection.url, {
      clientId: connection.clientId,
      username: connection.username,
      password: readFileSync(bundle(password), "utf8"),
      ca: readFileSync(bundle(ca)),
      cert: certificate && readFileSync(bundle(certificate)),
      key: key && readFileSync(bundle(key)),
      reconnectPeriod: 0,
    });
    const seconds = (performance.now() - started) / 1000;
    await connected.endAsync();
    return seconds;
  } finally {
    child.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ready(output: NodeJS.ReadableStream): Promise<Ready> {
  for await (const line of createInterface({ input: output })) {
    const event = JSON.parse(line) as Ready;
    if (event.event === "ready") return event;
  }
  throw new Error("'dmz start' ended before it was ready");
}

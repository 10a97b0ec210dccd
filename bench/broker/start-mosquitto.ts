import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { reservePort } from "../../cli/reserve-port";
import type { BenchSite } from "./prepare-site";
import { type Server, startServer } from "./start-server";

const MEMORY = (): string[] => ["persistence false"];
/** The closest that it comes to keeping what it acknowledged: it writes all it has to a file at every change. */
export const AUTOSAVED = (folder: string): string[] => [
  "persistence true",
  `persistence_location ${folder}/`,
  "autosave_on_changes true",
  "autosave_interval 1",
];

/**
 * Starts mosquitto with the same certificates, passwords and topics as ours. Where there is a choice it gets the one
 * that is cheaper for it: two `pattern` lines serve every client, whereas ours knows each identity's own grants.
 */
export async function startMosquitto(
  site: BenchSite,
  core: number,
  settings: (folder: string) => readonly string[] = MEMORY,
): Promise<Server> {
  const folder = mkdtempSync(join(site.folder, "mosquitto-"));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const passwords = file("passwords", site.passwords.map(([name, password]) => `${name}:${password}\n`).join(""));
  const { status, stderr } = spawnSync("mosquitto_passwd", ["-U", passwords], { encoding: "utf8" });
  if (status !== 0) throw new Error(`mosquitto_passwd ended with ${status}: ${stderr}`);
  const reserved = await reservePort(0, "127.0.0.1", "the bench's ports");
  await reserved.release();
  const config = file(
    "mosquitto.conf",
    [
      // Started as root it would change to a user who cannot read these files.
      `user ${userInfo().username}`,
      `listener ${reserved.port} 127.0.0.1`,
      "max_connections -1",
      // As ours: without it Nagle's algorithm holds messages back.
      "set_tcp_nodelay true",
      // By default it drops QoS 1 messages beyond 1,000 waiting for one client.
      "max_queued_messages 0",
      `cafile ${file("ca.pem", site.server.trust.join("\n"))}`,
      `certfile ${file("certificate.pem", site.server.certificate)}`,
      `keyfile ${file("key.pem", site.server.key)}`,
      "tls_version tlsv1.3",
      "require_certificate true",
      "allow_anonymous false",
      `password_file ${passwords}`,
      `acl_file ${file("acl", "pattern write spBv1.0/+/NDATA/%u\npattern read spBv1.0/#\n")}`,
      ...settings(folder),
      "",
    ].join("\n"),
  );
  return startServer({
    name: "mosquitto",
    port: reserved.port,
    core,
    command: ["mosquitto", "-c", config],
    ready: /mosquitto version .* running/,
  });
}

/** For example `2.0.11`. */
export function mosquittoVersion(): string {
  return /version (\S+)/.exec(spawnSync("mosquitto", ["-h"], { encoding: "utf8" }).stdout)?.[1] ?? "unknown";
}

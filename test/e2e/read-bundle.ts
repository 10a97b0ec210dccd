import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Bundle } from "./site-client";

/** Reads a client's bundle as `dmz enrol` wrote it. */
export function readBundle(clients: string, name: string): Bundle {
  const text = (file: string): string => readFileSync(join(clients, name, file), "utf8");
  const withCertificate = existsSync(join(clients, name, "key.pem"));
  return {
    name,
    password: text("password"),
    trust: [text("ca.pem")],
    ...(withCertificate ? { key: text("key.pem"), certificate: text("cert.pem") } : {}),
  };
}

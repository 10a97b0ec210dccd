import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import pinned from "../../broker/image/node.json";
import { CommandError } from "../command-error";
import type { Component } from "./component";
import type { Platform } from "./platform";
import { runTool } from "./run-tool";
import { tarEntries } from "./tar-entries";

/**
 * Node's own binary for the platform, out of the npm package that carries it. npm and not the base image: so it is
 * pinned by a hash in this repository, and any base with glibc will do.
 * @param into the file to write; its folder must exist
 * @throws CommandError if what the registry sends is not what broker/image/node.json names
 */
export async function fetchNode(platform: Platform, into: string): Promise<Component> {
  const { name, integrity } = pinned.packages[platform];
  const folder = await mkdtemp(join(dirname(into), ".node-"));
  try {
    const spec = `${name}@${pinned.version}`;
    const options = { cwd: folder };
    await runTool("npm", ["pack", spec, "--prefer-offline", "--ignore-scripts", "--loglevel=error"], options);
    const bytes = await readFile(join(folder, `${name}-${pinned.version}.tgz`));
    checkIntegrity(spec, bytes, integrity);
    const entries = tarEntries(gunzipSync(bytes));
    for (const { path, content } of entries) if (path === "package/bin/node") await writeFile(into, content);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    kind: "application",
    name: "node",
    version: pinned.version,
    purl: `pkg:npm/${name}@${pinned.version}`,
    // Vulnerability databases know Node by this name, not by the npm package's.
    cpe: `cpe:2.3:a:nodejs:node.js:${pinned.version}:*:*:*:*:*:*:*`,
    licence: "MIT",
    sha512: Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex"),
  };
}

/** @throws CommandError unless the bytes have the Subresource Integrity value */
export function checkIntegrity(what: string, bytes: Buffer, integrity: string): void {
  const got = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (got === integrity) return;
  throw new CommandError(
    `${what}: its integrity must be ${integrity}, as broker/image/node.json pins it, got ${got}`,
    "somebody changed the package or the pin: do not use it, find out who",
  );
}

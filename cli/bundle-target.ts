import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClientConnection } from "./client-connection";

/** Whose broker a bundle is for. */
export type BundleTarget = Pick<ClientConnection, "site" | "host">;

/** Reads it from the bundle itself. @returns undefined if the folder holds no readable `mqtt.json` */
export async function bundleTarget(folder: string): Promise<BundleTarget | undefined> {
  try {
    const { site, host } = JSON.parse(await readFile(join(folder, "mqtt.json"), "utf8")) as Partial<BundleTarget>;
    return typeof site === "string" && typeof host === "string" ? { site, host } : undefined;
  } catch {
    // Missing or damaged: nobody can connect with it either way.
    return undefined;
  }
}

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EDGE_PATHS, type EdgeImage } from "../../policy/edge-device";
import { edgeRuleset } from "../../policy/edge-ruleset";
import { buildBundle } from "./build-bundle";

/** A file that the image has besides the packages and rootfs/: derived from the site, or compiled. */
export interface SiteFile {
  /** Below /. */
  readonly path: string;
  readonly content: string | Buffer;
  readonly executable?: boolean;
}

/** The tool that writes and keeps slots, on the device. */
export const SLOT_TOOL = "usr/lib/dmz/slot.cjs";

/** What an image for this site and device class holds besides the base. */
export async function siteFiles(image: EdgeImage, agent: string, node: string): Promise<SiteFile[]> {
  const relative = (path: string): string => path.slice(1);
  return [
    { path: "etc/nftables.conf", content: edgeRuleset({ name: image.site, host: image.host }) },
    { path: relative(EDGE_PATHS.image), content: `${JSON.stringify(image, undefined, 2)}\n` },
    { path: "usr/lib/dmz/broker-host", content: `${image.host}\n` },
    { path: relative(EDGE_PATHS.agent), content: await readFile(agent) },
    { path: SLOT_TOOL, content: await buildBundle("edge-image/slot/main.ts") },
    { path: "usr/bin/node", content: await readFile(node), executable: true },
  ];
}

/** Writes them below a folder, with their folders. */
export async function writeSiteFiles(files: readonly SiteFile[], into: string): Promise<void> {
  for (const { path, content, executable = false } of files) {
    const target = join(into, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content, { mode: executable ? 0o755 : 0o644 });
  }
}

import { resolve } from "node:path";
import { version } from "../package.json";
import { chooseSite } from "./choose-site";
import { CommandError } from "./command-error";
import { buildEdgeImage } from "./edge/build-edge-image";
import { DEFAULT_DATA_MIB } from "./edge/disk-layout";
import { updateSigner } from "./edge/update-signer";
import { EXIT } from "./exit-code";
import { kmsSigner } from "./image/kms-signer";
import { localSigner } from "./image/local-signer";
import { createOutput } from "./output";
import { readSites } from "./read-sites";
import { requireDeviceClass } from "./require-device-class";

export interface ImageEdgeBuildOptions {
  readonly imageVersion?: string;
  readonly output?: string;
  readonly data?: string;
  readonly mirror?: string;
  readonly refreshPackages?: boolean;
  readonly unpinned?: boolean;
  readonly key?: string;
  readonly kmsKey?: string;
  readonly updateKey?: string;
  readonly sites?: string;
  readonly json?: boolean;
}

/** `dmz image edge build <site> <device-class>`. */
export async function imageEdgeBuild(
  siteName: string | undefined,
  deviceClass: string,
  options: ImageEdgeBuildOptions,
): Promise<void> {
  const usage = (what: string, fix: string) => new CommandError(what, fix, EXIT.usage);
  const { sites, folder } = readSites(options.sites, siteName);
  const site = chooseSite(siteName, sites, folder);
  requireDeviceClass(site, deviceClass);
  const imageVersion = options.imageVersion ?? version;
  if (!/^\d{1,9}(\.\d{1,9}){0,3}$/.test(imageVersion))
    throw usage(`--image-version: must be whole numbers with dots, got '${imageVersion}'`, "write for example 1.4.0");
  const dataMib = Number(options.data ?? DEFAULT_DATA_MIB);
  if (!Number.isInteger(dataMib) || dataMib < 32 || dataMib > 1024 * 1024)
    throw usage(`--data: must be 32 to 1048576 MiB, got '${options.data}'`, `leave it out for ${DEFAULT_DATA_MIB}`);

  const progress = createOutput(options.json ?? false);
  const built = await buildEdgeImage(
    {
      site,
      deviceClass,
      version: imageVersion,
      output: resolve(options.output ?? `dist/edge-image/${site.name}-${deviceClass}`),
      cache: resolve("dist/edge"),
      dataMib,
      mirror: options.mirror,
      unpinned: options.unpinned,
      refreshPackages: options.refreshPackages,
      signer: () => (options.kmsKey ? kmsSigner(options.kmsKey) : localSigner(options.key)),
      updateSigner: () => updateSigner(options.updateKey),
    },
    progress,
  );
  progress.event("built", { ...built });
  progress.text();
  progress.text(`  image               ${built.folder}/${built.files.disk}`);
  progress.text(`  sha256              ${built.sha256}`);
  progress.text(`  size                ${(built.size / 1e6).toFixed(1)} MB compressed`);
  progress.text(`  update              ${built.folder}/${built.files.update}`);
  progress.text(`  bill of materials   ${built.folder}/${built.files.bill} (${built.components} components)`);
  if (built.differences.length > 0 && !options.refreshPackages)
    progress.text(`  not as pinned       ${built.differences.length} packages`);
  progress.text();
  progress.text(
    `Next: dmz image edge provision ${built.folder}/${built.files.disk} .dmz/${site.name}/clients/<device>`,
  );
}

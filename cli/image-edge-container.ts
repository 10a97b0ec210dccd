import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildAgent } from "../edge-image/agent/build";
import { chooseSite } from "./choose-site";
import { containerImage } from "./edge/container-image";
import { containerPlatform } from "./edge/container-platform";
import { DEBIAN_PACKAGES } from "./image/base-image";
import { billPath, buildImage } from "./image/build-image";
import { AGENT_FORM } from "./image/image-form";
import { kmsSigner } from "./image/kms-signer";
import { localSigner } from "./image/local-signer";
import type { Metafile } from "./image/npm-components";
import { reproducibleTime } from "./image/reproducible-time";
import { createOutput } from "./output";
import { readSites } from "./read-sites";
import { requireDeviceClass } from "./require-device-class";

export interface ImageEdgeContainerOptions {
  readonly platform?: string;
  readonly output?: string;
  readonly key?: string;
  readonly kmsKey?: string;
  readonly sites?: string;
  readonly json?: boolean;
}

/** `dmz image edge container <site> <device-class>`: the agent alone, for a gateway that keeps its own system. */
export async function imageEdgeContainer(
  siteName: string | undefined,
  deviceClass: string,
  options: ImageEdgeContainerOptions,
): Promise<void> {
  const { sites, folder } = readSites(options.sites, siteName);
  const site = chooseSite(siteName, sites, folder);
  requireDeviceClass(site, deviceClass);
  const platform = containerPlatform(site, deviceClass, options.platform);
  const progress = createOutput(options.json ?? false);
  const image = containerImage(site, deviceClass, reproducibleTime());
  const output = resolve(options.output ?? `dist/edge-image/${site.name}-${deviceClass}-container`);
  const root = join(__dirname, "..");
  const work = await mkdtemp(join(tmpdir(), "dmz-agent-"));
  try {
    const built = await buildImage(
      {
        platform,
        base: DEBIAN_PACKAGES,
        output,
        form: AGENT_FORM,
        appFiles: { "image.json": `${JSON.stringify(image, undefined, 2)}\n` },
        signer: () => (options.kmsKey ? kmsSigner(options.kmsKey) : localSigner(options.key)),
        bundle: async () => {
          const file = join(work, AGENT_FORM.program);
          await buildAgent(file);
          const metafile = JSON.parse(await readFile(file.replace(/\.cjs$/, ".meta.json"), "utf8")) as Metafile;
          return { file, metafile, root };
        },
      },
      progress,
    );
    progress.event("built", { ...built, layout: output, billOfMaterials: billPath(output) });
    progress.text(`  image               ${output}`);
    progress.text(`  digest              ${built.digest}`);
    progress.text(`Next: load the host's firewall: dmz image edge rules ${site.name} --agent <uid> ...`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

import { resolve } from "node:path";
import { DEBIAN_PACKAGES } from "./image/base-image";
import { billPath, buildImage } from "./image/build-image";
import { kmsSigner } from "./image/kms-signer";
import { localSigner } from "./image/local-signer";
import { parsePlatform } from "./image/platform";
import { createOutput } from "./output";

/** Where an image is built to and pushed from, unless said otherwise. */
export const DEFAULT_LAYOUT = "dist/image";

export interface ImageBuildOptions {
  readonly platform?: string;
  readonly base?: string;
  readonly output?: string;
  readonly key?: string;
  readonly kmsKey?: string;
  readonly json?: boolean;
}

/** `dmz image build`. */
export async function imageBuild(options: ImageBuildOptions): Promise<void> {
  const progress = createOutput(options.json ?? false);
  const output = resolve(options.output ?? DEFAULT_LAYOUT);
  const image = await buildImage(
    {
      platform: parsePlatform(options.platform ?? "linux/amd64"),
      base: options.base ?? DEBIAN_PACKAGES,
      output,
      signer: () => (options.kmsKey ? kmsSigner(options.kmsKey) : localSigner(options.key)),
    },
    progress,
  );
  progress.event("built", { ...image, layout: output, billOfMaterials: billPath(output) });
  progress.text();
  progress.text(`  image               ${output}`);
  progress.text(`  digest              ${image.digest}`);
  progress.text(`  platform            ${image.platform}`);
  progress.text(`  size                ${(image.size / 1e6).toFixed(1)} MB to pull`);
  progress.text(`  bill of materials   ${billPath(output)} (${image.components} components)`);
  progress.text();
  progress.text("Next: dmz image push <site>");
}

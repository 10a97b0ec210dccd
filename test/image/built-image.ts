import { existsSync } from "node:fs";
import { join } from "node:path";
import { type BuildImageOptions, buildImage } from "../../cli/image/build-image";
import { localSigner } from "../../cli/image/local-signer";
import type { VerifiedImage } from "../../cli/image/verify-image";
import { createOutput, type Output } from "../../cli/output";

/** Says nothing: jest's own output is enough. */
export const quietly: Output = { ...createOutput(true), event: () => undefined };

/** An image that was built for a test. */
export interface BuiltImage extends VerifiedImage {
  readonly layout: string;
  /** File of the public key that signed it. */
  readonly publicKey: string;
}

/** Builds the real broker's image below the folder. Says how long that took, so that a slow machine is seen as one. */
export async function builtImage(
  folder: string,
  name: string,
  options: Partial<BuildImageOptions> = {},
): Promise<BuiltImage> {
  const started = performance.now();
  const layout = join(folder, name);
  const key = join(folder, "key");
  const image = await buildImage(
    { platform: "linux/amd64", base: "debian-packages", output: layout, signer: () => localSigner(key), ...options },
    quietly,
  );
  if (!existsSync(`${layout}.cdx.json`)) throw new Error(`${layout}.cdx.json: the bill of materials was not written`);
  process.stdout.write(
    `image ${image.platform} ${image.digest}: ${(image.size / 1e6).toFixed(1)} MB, ` +
      `${image.components} components, built in ${((performance.now() - started) / 1000).toFixed(1)} s\n`,
  );
  return { ...image, layout, publicKey: `${key}.pub` };
}

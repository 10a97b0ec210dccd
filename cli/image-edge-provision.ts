import { basename, dirname, join, resolve } from "node:path";
import { provision } from "./edge/provision";
import { createOutput } from "./output";

export interface ImageEdgeProvisionOptions {
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `dmz image edge provision <image> <bundle>`. */
export async function imageEdgeProvision(
  image: string,
  bundle: string,
  options: ImageEdgeProvisionOptions,
): Promise<void> {
  const progress = createOutput(options.json ?? false);
  // A bundle's folder has its device's name.
  const output = resolve(options.output ?? join(dirname(image), `${basename(resolve(bundle))}.raw`));
  const { device, site } = await provision({ image, bundle, output, force: options.force });
  progress.event("provisioned", { device, site, image: output });
  progress.text(`Provisioned: ${output} is now ${device} of site ${site}.`);
  progress.text("It holds the device's key and password: write it to the device, then delete it.");
}

import { randomBytes } from "node:crypto";
import { BROKER_FORM } from "./image-form";
import { isLoopback } from "./is-loopback";
import type { Platform } from "./platform";
import { reproducibleTime } from "./reproducible-time";
import { runTool } from "./run-tool";

export interface AssembleOptions {
  readonly platform: Platform;
  /** `scratch`, or an image by digest. */
  readonly base: string;
  /** Folder with base/, node, app/ and store/, as broker/Containerfile copies them. */
  readonly context: string;
  readonly version: string;
  /** OCI layout to write. */
  readonly layout: string;
  /** Tag in the layout. */
  readonly tag: string;
  /** @default the broker's */
  readonly containerfile?: string;
  readonly onLine?: (line: string) => void;
}

/** Builds a Containerfile with buildah into an OCI layout; nothing stays behind in buildah's own store. */
export async function assembleImage(options: AssembleOptions): Promise<void> {
  const { platform, base, context, version, layout, tag, onLine } = options;
  const { containerfile = BROKER_FORM.containerfile } = options;
  const name = `localhost/mqtt-dmz-build:${randomBytes(8).toString("hex")}`;
  await runTool(
    "buildah",
    [
      "build",
      // No RUN step runs, but buildah still prepares for one: chroot needs the least of the machine.
      "--isolation=chroot",
      "--format=oci",
      `--platform=${platform}`,
      `--timestamp=${reproducibleTime()}`,
      // It would label the image with buildah's version, and so with the machine that built it.
      "--identity-label=false",
      `--tls-verify=${!isLoopback(base)}`,
      `--build-arg=BASE=${base}`,
      `--build-arg=VERSION=${version}`,
      `--tag=${name}`,
      `--file=${containerfile}`,
      context,
    ],
    { onLine },
  );
  try {
    await runTool("buildah", ["push", "--format=oci", name, `oci:${layout}:${tag}`], { onLine });
  } finally {
    await runTool("buildah", ["rmi", name]);
  }
}

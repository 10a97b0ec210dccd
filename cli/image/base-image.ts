import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";

/** The default: Debian's packages alone, made with mmdebstrap. */
export const DEBIAN_PACKAGES = "debian-packages";

/**
 * @returns the base as broker/Containerfile's argument wants it
 * @throws CommandError unless it is `debian-packages` or an image by digest: a tag would not build the same thing twice
 */
export function parseBase(base: string): string {
  if (base === DEBIAN_PACKAGES) return "scratch";
  if (/^[\w.:/-]+@sha256:[0-9a-f]{64}$/.test(base)) return base;
  throw new CommandError(
    `--base: must be '${DEBIAN_PACKAGES}' or an image by digest, got '${base}'`,
    "write <image>@sha256:<64 hex>; 'skopeo inspect docker://<image>' shows the digest",
    EXIT.usage,
  );
}

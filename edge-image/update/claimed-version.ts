import type { SignedUpdate, UpdateManifest } from "../../policy/edge-device";
import { isImageVersion } from "../../policy/image-version";

/**
 * A name for what was refused, and nothing more: its signature may be nobody's.
 * @returns `unknown` if it names no version
 */
export function claimedVersion(signed: unknown): string {
  try {
    const { manifest } = Object(signed) as Partial<SignedUpdate>;
    const { version } = Object(JSON.parse(manifest!)) as Partial<UpdateManifest>;
    return isImageVersion(version) ? version : "unknown";
  } catch {
    return "unknown";
  }
}

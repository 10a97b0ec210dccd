import { createPublicKey, verify } from "node:crypto";
import type { EdgeImage, SignedUpdate, UpdateManifest } from "../../../policy/edge-device";
import { AgentFault } from "../agent-fault";
import { isImageVersion } from "../identity/read-image";
import { compareVersions } from "./compare-versions";

/** A manifest is a few hundred bytes. */
const MANIFEST_BYTES = 4096;

/**
 * Reads a signed manifest for the device that runs `image`. Nothing of it is believed before its signature was verified
 * with a key that is baked into the image.
 * @throws AgentFault `update` with why it is refused: nothing is changed by it
 */
export function verifyManifest({ manifest, signature }: SignedUpdate, image: EdgeImage): UpdateManifest {
  const refused = (why: string): AgentFault => new AgentFault("update", `the update was refused: ${why}`);
  if (typeof manifest !== "string" || typeof signature !== "string" || manifest.length > MANIFEST_BYTES)
    throw refused("it must be a manifest with its signature");
  const bytes = Buffer.from(manifest);
  const signed = image.updateKeys.some((key) => isSignedBy(key, bytes, Buffer.from(signature, "base64")));
  if (!signed) throw refused("it is not signed by a key that this image trusts");
  const { format, site, deviceClass, version, sha256, size } = JSON.parse(manifest) as Partial<UpdateManifest>;
  if (format !== 1) throw refused(`its format is ${String(format)}, this agent knows 1`);
  if (site !== image.site) throw refused(`it is for site '${String(site)}', this is '${image.site}'`);
  if (deviceClass !== image.deviceClass)
    throw refused(`it is for the device class '${String(deviceClass)}', this is '${image.deviceClass}'`);
  if (!isImageVersion(version)) throw refused("its version must be whole numbers with dots");
  if (compareVersions(version, image.imageVersion) <= 0)
    throw refused(`version ${version} is not newer than the running ${image.imageVersion}`);
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) throw refused("its 'sha256' must be 64 hex digits");
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 1) throw refused("its 'size' must be bytes");
  return { format, site, deviceClass, version, sha256, size };
}

/** Ed25519 alone: with another key the signature of another scheme could mean something else. */
function isSignedBy(pem: string, bytes: Buffer, signature: Buffer): boolean {
  const key = createPublicKey(pem);
  return key.asymmetricKeyType === "ed25519" && verify(null, bytes, key, signature);
}

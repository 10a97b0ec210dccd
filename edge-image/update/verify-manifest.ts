import { createPublicKey, verify } from "node:crypto";
import { DEFAULT_ARCHITECTURE } from "../../policy/architecture";
import type { EdgeImage, SignedUpdate, UpdateManifest } from "../../policy/edge-device";
import { compareVersions } from "../../policy/compare-versions";
import { isImageVersion } from "../../policy/image-version";
import { UpdateRefused } from "./update-refused";

/** A manifest is a few hundred bytes. */
const MANIFEST_BYTES = 4096;

/**
 * The manifest of an update that a device running `image` may take. Nothing of it is believed before its signature was
 * verified with a key that is baked into the image.
 *
 * The agent asks before it fetches and before it hands over; what writes the disk asks again, so that an agent in an
 * attacker's hands installs nothing either. Both ask this one function: what one takes, the other does not refuse.
 *
 * @throws UpdateRefused with the rule that does not hold: nothing is changed by such an update
 */
export function verifyManifest(signed: SignedUpdate, image: EdgeImage): UpdateManifest {
  const { manifest, signature } = Object(signed) as Partial<SignedUpdate>;
  if (typeof manifest !== "string" || typeof signature !== "string" || manifest.length > MANIFEST_BYTES)
    throw new UpdateRefused("it must be a manifest with its signature");
  if (image.updateKeys.length === 0)
    throw new UpdateRefused("this image takes none: it runs as a container, give its host a newer image");
  const bytes = Buffer.from(manifest);
  const isSigned = image.updateKeys.some((key) => isSignedBy(key, bytes, Buffer.from(signature, "base64")));
  if (!isSigned) throw new UpdateRefused("it is not signed by a key that this image trusts");
  const parsed = JSON.parse(manifest) as Partial<UpdateManifest>;
  const { format, site, deviceClass, architecture = DEFAULT_ARCHITECTURE, version, sha256, size } = parsed;
  if (format !== 1) throw new UpdateRefused(`its format is ${String(format)}, this device knows 1`);
  if (site !== image.site) throw new UpdateRefused(`it is for site '${String(site)}', this is '${image.site}'`);
  if (deviceClass !== image.deviceClass)
    throw new UpdateRefused(`it is for the device class '${String(deviceClass)}', this is '${image.deviceClass}'`);
  const own = image.architecture ?? DEFAULT_ARCHITECTURE;
  if (architecture !== own) throw new UpdateRefused(`it is for ${String(architecture)} machines, this is ${own}`);
  if (!isImageVersion(version)) throw new UpdateRefused("its version must be whole numbers with dots");
  if (compareVersions(version, image.imageVersion) <= 0)
    throw new UpdateRefused(`version ${version} is not newer than the running ${image.imageVersion}`);
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256))
    throw new UpdateRefused("its 'sha256' must be 64 hex digits");
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 1)
    throw new UpdateRefused("its 'size' must be bytes");
  return { format, site, deviceClass, version, sha256, size };
}

/** Ed25519 alone (RFC 8032): with another key the signature of another scheme could mean something else. */
function isSignedBy(pem: string, bytes: Buffer, signature: Buffer): boolean {
  const key = createPublicKey(pem);
  return key.asymmetricKeyType === "ed25519" && verify(null, bytes, key, signature);
}

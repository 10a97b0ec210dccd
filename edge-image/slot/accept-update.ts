import { createPublicKey, verify } from "node:crypto";
import type { EdgeImage, SignedUpdate, UpdateManifest } from "../../policy/edge-device";
import { isNewer } from "./newer";

/** Why an update is not taken; the message goes to the agent and to the log. */
export class UpdateRefused extends Error {}

/**
 * The manifest of an update that this device may take. The agent has looked already; what writes the disk looks for
 * itself, so that an agent in an attacker's hands installs nothing either.
 * @throws UpdateRefused with the rule that does not hold
 */
export const acceptUpdate = (image: EdgeImage, signed: SignedUpdate): UpdateManifest => {
  if (typeof signed?.manifest !== "string" || typeof signed.signature !== "string")
    throw new UpdateRefused("update.json must hold 'manifest' and 'signature'");
  const bytes = Buffer.from(signed.manifest);
  const signature = Buffer.from(signed.signature, "base64");
  // Ed25519 (RFC 8032) hashes by itself: no digest is named.
  if (!image.updateKeys.some((key) => verify(null, bytes, createPublicKey(key), signature)))
    throw new UpdateRefused("the signature is of none of the keys that this image trusts");
  const manifest = JSON.parse(signed.manifest) as UpdateManifest;
  const rules: readonly (readonly [boolean, string])[] = [
    [manifest.format === 1, `'format' must be 1, got '${manifest.format}'`],
    [manifest.site === image.site, `'site' must be ${image.site}, got '${manifest.site}'`],
    [
      manifest.deviceClass === image.deviceClass,
      `'deviceClass' must be ${image.deviceClass}, got '${manifest.deviceClass}'`,
    ],
    [/^\d+(\.\d+){0,3}$/.test(manifest.version), `'version' must be numbers with dots, got '${manifest.version}'`],
    [
      isNewer(manifest.version, image.imageVersion),
      `'version' must be newer than ${image.imageVersion}, got '${manifest.version}'`,
    ],
    [/^[0-9a-f]{64}$/.test(manifest.sha256), "'sha256' must be 64 hexadecimal digits"],
    [
      Number.isSafeInteger(manifest.size) && manifest.size > 0,
      `'size' must be a number of bytes, got '${manifest.size}'`,
    ],
  ];
  for (const [holds, rule] of rules) if (!holds) throw new UpdateRefused(rule);
  return manifest;
};

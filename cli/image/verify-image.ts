import { createHash, type KeyObject, verify } from "node:crypto";
import { CommandError } from "../command-error";
import { SIGNATURE_ANNOTATION } from "./attach";
import { BROKER_FORM } from "./image-form";
import { attachmentTag, LAYOUT_TAG } from "./image-name";
import { type ImageConfig, requireImageRules, type RuledFile } from "./image-rules";
import { layerEntries } from "./layer-entries";
import { MEDIA_TYPE } from "./media-type";
import { type Descriptor, digestOf, type OciLayout } from "./oci-layout";
import { type SignaturePayload } from "./signature-payload";

/** What was found to be true of an image. */
export interface VerifiedImage {
  /** `sha256:<64 hex>` of the manifest. */
  readonly digest: string;
  /** `linux/amd64`, say. */
  readonly platform: string;
  /** Bytes to pull: manifest, configuration and layers. */
  readonly size: number;
  /** SHA-256 of the public key (SPKI, DER) that verified the signature, hexadecimal. */
  readonly signedBy: string;
  /** How many components the bill of materials lists. */
  readonly components: number;
}

/**
 * Verifies everything that a site relies on: every byte against its digest, the signature against a key that the caller
 * trusts, the bill of materials against the signature, and the image against the rules for ours.
 * @param tag of the image in the layout
 * @param form whose rules it must keep
 * @throws CommandError for the first that does not hold
 */
export async function verifyImage(
  layout: OciLayout,
  trusted: KeyObject,
  tag = LAYOUT_TAG,
  form = BROKER_FORM,
): Promise<VerifiedImage> {
  const image = await layout.find(tag);
  if (!image)
    throw new CommandError(`${layout.folder}: has no image tagged '${tag}'`, "make one with 'dmz image build'");
  const bill = await verifySignature(layout, image.digest, trusted);
  const components = await verifyBill(layout, image.digest, bill);

  const manifest = await layout.readManifest(image);
  const config = JSON.parse((await layout.readBlob(manifest.config)).toString()) as ImageConfig;
  const files: RuledFile[] = [];
  for await (const { path, type, mode } of layerEntries(layout)) files.push({ path, type, mode });
  requireImageRules(config, files, form);
  return {
    digest: image.digest,
    platform: `${config.os}/${config.architecture}`,
    size: [image, manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0),
    signedBy: createHash("sha256")
      .update(trusted.export({ type: "spki", format: "der" }))
      .digest("hex"),
    components,
  };
}

/** @returns the digest of the bill of materials that was signed with the image */
async function verifySignature(layout: OciLayout, image: string, trusted: KeyObject): Promise<string> {
  const layer = await attachment(layout, image, "sig", MEDIA_TYPE.simpleSigning, "signature");
  const bytes = await layout.readBlob(layer);
  const signature = Buffer.from(layer.annotations?.[SIGNATURE_ANNOTATION] ?? "", "base64");
  if (!verify("sha256", bytes, trusted, signature)) {
    throw new CommandError(
      `${layout.folder}: the signature of ${image} was not made with the trusted key`,
      "name the key that signed with --key or --kms-key, or build and sign it yourself",
    );
  }
  const { critical, optional } = JSON.parse(bytes.toString()) as SignaturePayload;
  const signed = critical?.image?.["docker-manifest-digest"];
  if (signed !== image) {
    throw new CommandError(
      `${layout.folder}: the signature is for ${signed}, the image is ${image}`,
      "build and sign it again",
    );
  }
  return optional?.["bill-of-materials"];
}

/** @returns how many components it lists */
async function verifyBill(layout: OciLayout, image: string, signed: string): Promise<number> {
  const layer = await attachment(layout, image, "sbom", MEDIA_TYPE.cycloneDx, "bill of materials");
  const bytes = await layout.readBlob(layer);
  if (digestOf(bytes) !== signed) {
    throw new CommandError(
      `${layout.folder}: the bill of materials must be ${signed}, which was signed with the image, got ${layer.digest}`,
      "build and sign the image again",
    );
  }
  return (JSON.parse(bytes.toString()) as { components: unknown[] }).components.length;
}

async function attachment(
  layout: OciLayout,
  image: string,
  kind: "sig" | "sbom",
  mediaType: string,
  name: string,
): Promise<Descriptor> {
  const tag = attachmentTag(image, kind);
  const found = await layout.find(tag);
  const layers = found ? (await layout.readManifest(found)).layers : [];
  const [layer] = layers.filter((candidate) => candidate.mediaType === mediaType);
  if (layer) return layer;
  throw new CommandError(
    `${layout.folder}: has no ${name} of ${image} (tag '${tag}')`,
    "build it again with 'dmz image build'",
  );
}

import { digestOf, type Descriptor, type OciLayout } from "./oci-layout";
import { attachmentTag } from "./image-name";
import { MEDIA_TYPE } from "./media-type";
import { signaturePayload } from "./signature-payload";
import type { Signer } from "./signer";

/** cosign's annotation that carries the signature of the layer's bytes, in base64. */
export const SIGNATURE_ANNOTATION = "dev.cosignproject.cosign/signature";

/** Puts the bill of materials beside the image, under cosign's tag for it. */
export async function attachBill(layout: OciLayout, image: string, bill: string): Promise<void> {
  const layer = await layout.writeBlob(MEDIA_TYPE.cycloneDx, Buffer.from(bill));
  await attach(layout, attachmentTag(image, "sbom"), layer);
}

/** Signs the image together with its bill of materials, and puts the signature beside it under cosign's tag for it. */
export async function attachSignature(
  layout: OciLayout,
  image: string,
  bill: string,
  signer: Signer,
  name?: string,
): Promise<void> {
  const payload = Buffer.from(JSON.stringify(signaturePayload(image, digestOf(bill), name)));
  const signature = (await signer.sign(payload)).toString("base64");
  const layer = await layout.writeBlob(MEDIA_TYPE.simpleSigning, payload, { [SIGNATURE_ANNOTATION]: signature });
  await attach(layout, attachmentTag(image, "sig"), layer);
}

async function attach(layout: OciLayout, tag: string, layer: Descriptor): Promise<void> {
  // Registries and copying tools expect an image configuration; this one only says which layer there is.
  const config = { architecture: "", os: "", config: {}, rootfs: { type: "layers", diff_ids: [layer.digest] } };
  await layout.writeManifest(tag, {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: await layout.writeBlob(MEDIA_TYPE.config, Buffer.from(JSON.stringify(config))),
    layers: [layer],
  });
}

import { IMAGE_NAME } from "./image-name";

/**
 * What is signed: the "simple signing" claim of containers-signature(5) and cosign's SIGNATURE_SPEC.md. The digest of
 * the bill of materials is among its optional claims, so that neither can be exchanged alone.
 */
export interface SignaturePayload {
  readonly critical: {
    readonly identity: { readonly "docker-reference": string };
    readonly image: { readonly "docker-manifest-digest": string };
    readonly type: "cosign container image signature";
  };
  readonly optional: { readonly "bill-of-materials": string };
}

/** @param image digest of the image's manifest @param bill digest of the bill of materials' bytes */
export const signaturePayload = (image: string, bill: string, name = IMAGE_NAME): SignaturePayload => ({
  critical: {
    identity: { "docker-reference": `localhost/${name}` },
    image: { "docker-manifest-digest": image },
    type: "cosign container image signature",
  },
  optional: { "bill-of-materials": bill },
});

/** Media types that we read and write: OCI image-spec 1.0, and cosign's for what it attaches. */
export const MEDIA_TYPE = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  /** Signature payload: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md */
  simpleSigning: "application/vnd.dev.cosign.simplesigning.v1+json",
  cycloneDx: "application/vnd.cyclonedx+json",
} as const;

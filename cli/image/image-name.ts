/** The image's name: its repository in the bootstrap stack's registry, and what its signature says it is. */
export const IMAGE_NAME = "mqtt-dmz-broker";

/** Tag of the image itself in an OCI layout of ours. */
export const LAYOUT_TAG = "broker";

/** cosign's tag scheme: what is attached to an image stands beside it, under a tag made of its digest. */
export const attachmentTag = (digest: string, kind: "sig" | "sbom"): string => `${digest.replace(":", "-")}.${kind}`;

import { createHash } from "node:crypto";
import type { Component } from "./component";
import { IMAGE_NAME } from "./image-name";
import { reproducibleTime } from "./reproducible-time";

/** What the bill of materials is about. */
export interface BillSubject {
  /** `sha256:<64 hex>` of the image's manifest. */
  readonly digest: string;
  readonly version: string;
  /** @default the broker's container image */
  readonly component?: { readonly type: "firmware" | "container"; readonly name: string; readonly purl: string };
}

/**
 * A CycloneDX 1.5 document (https://cyclonedx.org/docs/1.5/json/). The same image and components give the same bytes.
 * @returns JSON text
 */
export function billOfMaterials({ digest, version, component }: BillSubject, components: readonly Component[]): string {
  const container = {
    type: "container",
    name: IMAGE_NAME,
    purl: `pkg:oci/${IMAGE_NAME}@${encodeURIComponent(digest)}`,
  };
  const { type, name, purl } = component ?? container;
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    serialNumber: `urn:uuid:${uuidOf(digest)}`,
    version: 1,
    metadata: {
      timestamp: new Date(reproducibleTime() * 1000).toISOString(),
      component: { type, "bom-ref": purl, name, version, purl },
    },
    components: components.map(render),
    dependencies: [{ ref: purl, dependsOn: components.map((component) => component.purl) }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function render({ kind, name, version, purl, licence, sha512, sha256, cpe }: Component): object {
  const hashes = [sha256 && { alg: "SHA-256", content: sha256 }, sha512 && { alg: "SHA-512", content: sha512 }];
  return {
    type: kind,
    "bom-ref": purl,
    name,
    version,
    ...(hashes.some(Boolean) && { hashes: hashes.filter(Boolean) }),
    ...(licence && { licenses: [/[ (]/.test(licence) ? { expression: licence } : { license: { name: licence } }] }),
    ...(cpe && { cpe }),
    purl,
  };
}

/** A UUID of version 8 (RFC 9562 section 5.8: made as one sees fit) out of the digest, so that it needs no chance. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = ((parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

/** One piece of software in the image, as the bill of materials lists it. */
export interface Component {
  readonly kind: "library" | "application" | "operating-system";
  readonly name: string;
  readonly version: string;
  /** Package URL: https://github.com/package-url/purl-spec */
  readonly purl: string;
  /** SPDX identifier or expression, as the package states it. @default not stated */
  readonly licence?: string;
  /** Of the archive it was published in, hexadecimal. @default unknown */
  readonly sha512?: string;
  /** Of the archive it was published in, hexadecimal. @default unknown */
  readonly sha256?: string;
  /** @default none */
  readonly cpe?: string;
}

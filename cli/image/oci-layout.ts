import { createHash } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../command-error";
import { MEDIA_TYPE } from "./media-type";

/** OCI image-spec 1.0: points to a blob by its digest. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** OCI image-spec 1.0: image manifest. */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

const REFERENCE = "org.opencontainers.image.ref.name";

/** @returns `sha256:<64 hex>` */
export const digestOf = (bytes: string | Buffer): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** A folder in the OCI image layout (image-spec 1.0, image-layout.md). Every blob is checked against its digest when read. */
export class OciLayout {
  constructor(readonly folder: string) {}

  /** Whether the folder is an OCI layout. */
  async exists(): Promise<boolean> {
    return stat(join(this.folder, "oci-layout")).then(
      () => true,
      () => false,
    );
  }

  /** @returns the tagged manifest's descriptor, or undefined */
  async find(tag: string): Promise<Descriptor | undefined> {
    return (await this.index()).find((entry) => entry.annotations?.[REFERENCE] === tag);
  }

  /** @returns the tag of every manifest that has one */
  async tags(): Promise<readonly string[]> {
    return (await this.index()).flatMap((entry) => entry.annotations?.[REFERENCE] ?? []);
  }

  /** Reads a manifest. @throws CommandError if its bytes are not what the digest says */
  async readManifest(descriptor: Descriptor): Promise<Manifest> {
    return JSON.parse((await this.readBlob(descriptor)).toString()) as Manifest;
  }

  /** @throws CommandError if the blob is missing, or its bytes are not what the digest says */
  async readBlob({ digest, size }: Descriptor): Promise<Buffer> {
    const path = this.blobPath(digest);
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      throw new CommandError(`${path}: the image is not complete`, "build it again, or copy all of it");
    });
    const got = digestOf(bytes);
    if (got !== digest || bytes.length !== size) {
      throw new CommandError(
        `${path}: its content must have digest ${digest} and ${size} bytes, got ${got} and ${bytes.length}`,
        "somebody or something changed the image: do not use it, build it again",
      );
    }
    return bytes;
  }

  /** Writes a blob and returns what points to it. */
  async writeBlob(
    mediaType: string,
    bytes: Buffer,
    annotations?: Readonly<Record<string, string>>,
  ): Promise<Descriptor> {
    const digest = digestOf(bytes);
    await mkdir(join(this.folder, "blobs/sha256"), { recursive: true });
    await writeFile(this.blobPath(digest), bytes);
    return { mediaType, digest, size: bytes.length, ...(annotations && { annotations }) };
  }

  /** Writes a manifest under the tag; another one under the same tag is forgotten. */
  async writeManifest(tag: string, manifest: Manifest): Promise<Descriptor> {
    const bytes = Buffer.from(JSON.stringify(manifest));
    const descriptor = await this.writeBlob(MEDIA_TYPE.manifest, bytes, { [REFERENCE]: tag });
    const others = (await this.index()).filter((entry) => entry.annotations?.[REFERENCE] !== tag);
    await writeFile(
      join(this.folder, "index.json"),
      JSON.stringify({ schemaVersion: 2, manifests: [...others, descriptor] }),
    );
    return descriptor;
  }

  blobPath(digest: string): string {
    // It becomes a path, and in a layout that somebody hands us it may be anything.
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
      throw new CommandError(
        `${this.folder}: a digest must be sha256:<64 hex>, got '${digest}'`,
        "build the image again",
      );
    }
    return join(this.folder, "blobs/sha256", digest.slice("sha256:".length));
  }

  private async index(): Promise<Descriptor[]> {
    const text = await readFile(join(this.folder, "index.json"), "utf8");
    return (JSON.parse(text) as { manifests: Descriptor[] }).manifests;
  }
}

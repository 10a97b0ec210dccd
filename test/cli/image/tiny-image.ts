import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { attachBill, attachSignature } from "../../../cli/image/attach";
import { LAYOUT_TAG } from "../../../cli/image/image-name";
import { MEDIA_TYPE } from "../../../cli/image/media-type";
import { digestOf, OciLayout } from "../../../cli/image/oci-layout";
import type { Signer } from "../../../cli/image/signer";

/** A file for `tar`. */
export interface TarFile {
  readonly path: string;
  readonly mode?: number;
  readonly content?: string;
  /** tar's type letter. @default "0", a file */
  readonly type?: string;
}

/** A tar archive, as POSIX.1-1988 ustar. */
export function tar(files: readonly TarFile[]): Buffer {
  const blocks = files.flatMap(({ path, mode = 0o644, content = "", type = "0" }) => {
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write(mode.toString(8).padStart(7, "0"), 100);
    header.write(Buffer.byteLength(content).toString(8).padStart(11, "0"), 124);
    header.write(type, 156);
    header.write("ustar\u000000", 257);
    // The sum of all bytes, with eight spaces in the sum's own place.
    header.write(" ".repeat(8), 148);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
    );
    const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
    body.write(content);
    return [header, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A signer with a key of its own, in memory. */
export function memorySigner(): Signer & { readonly publicKey: KeyObject } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { name: "memory", publicKey, sign: async (bytes) => sign("sha256", bytes, privateKey) };
}

/** The image configuration that keeps every rule. */
export const goodConfig = {
  User: "10001:10001",
  Entrypoint: ["/usr/bin/node", "/app/broker.cjs"],
  ExposedPorts: { "443/tcp": {}, "8883/tcp": {} },
  StopSignal: "SIGTERM",
};

const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

/** An OCI layout with a tiny image; whole, signed and with its bill of materials unless told otherwise. */
export async function tinyImage(
  folder: string,
  signer: Signer,
  {
    files = [{ path: "usr/bin/node", mode: 0o755 }] as readonly TarFile[],
    config = goodConfig as object,
    layerType = LAYER,
  } = {},
): Promise<{ layout: OciLayout; digest: string; bill: string }> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(folder, "index.json"), '{"schemaVersion":2,"manifests":[]}');
  const layout = new OciLayout(folder);
  const archive = tar(files);
  const rootfs = { type: "layers", diff_ids: [digestOf(archive)] };
  const text = JSON.stringify({ os: "linux", architecture: "amd64", config, rootfs });
  const { digest } = await layout.writeManifest(LAYOUT_TAG, {
    schemaVersion: 2,
    config: await layout.writeBlob(MEDIA_TYPE.config, Buffer.from(text)),
    layers: [await layout.writeBlob(layerType, gzipSync(archive))],
  });
  const bill = JSON.stringify({ components: [{ name: "node" }] });
  await attachBill(layout, digest, bill);
  await attachSignature(layout, digest, bill, signer);
  return { layout, digest, bill };
}

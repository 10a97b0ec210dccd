import { afterAll, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attachBill, attachSignature } from "../../../cli/image/attach";
import { attachmentTag, LAYOUT_TAG } from "../../../cli/image/image-name";
import { imageTag } from "../../../cli/image/image-tag";
import { verifyImage } from "../../../cli/image/verify-image";
import { goodConfig, memorySigner, tinyImage } from "./tiny-image";

const root = mkdtempSync(join(tmpdir(), "dmz-verify-"));
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;
const signer = memorySigner();
const image = (...rest: Parameters<typeof tinyImage> extends [string, unknown, ...infer More] ? More : never) =>
  tinyImage(join(root, String(count++)), signer, ...rest);

test("a whole image signed with the trusted key is verified", async () => {
  const { layout, digest } = await image();
  await expect(verifyImage(layout, signer.publicKey)).resolves.toMatchObject({
    digest,
    platform: "linux/amd64",
    components: 1,
  });
});

test("a layout that an image was pushed to is verified under the registry's tag, unless it holds several", async () => {
  const { layout, digest } = await image();
  const manifest = await layout.readManifest((await layout.find(LAYOUT_TAG))!);
  await forget(layout.folder, LAYOUT_TAG);
  await layout.writeManifest("0.1.0-abc", manifest);
  await expect(verifyImage(layout, signer.publicKey, await imageTag(layout))).resolves.toMatchObject({ digest });
  await layout.writeManifest("0.2.0-def", manifest);
  await expect(imageTag(layout)).rejects.toThrow("must hold one image, got 0.1.0-abc, 0.2.0-def");
  await layout.writeManifest(LAYOUT_TAG, manifest);
  expect(await imageTag(layout)).toBe(LAYOUT_TAG);
});

describe("an image is refused", () => {
  test("when another key signed it", async () => {
    const { layout } = await image();
    await expect(verifyImage(layout, memorySigner().publicKey)).rejects.toThrow("was not made with the trusted key");
  });

  test("when its signature is gone", async () => {
    const { layout, digest } = await image();
    await forget(layout.folder, attachmentTag(digest, "sig"));
    await expect(verifyImage(layout, signer.publicKey)).rejects.toThrow(/has no signature of sha256:/);
  });

  test("when its bill of materials is gone", async () => {
    const { layout, digest } = await image();
    await forget(layout.folder, attachmentTag(digest, "sbom"));
    await expect(verifyImage(layout, signer.publicKey)).rejects.toThrow(/has no bill of materials of sha256:/);
  });

  test("when its bill of materials was exchanged", async () => {
    const { layout, digest } = await image();
    await attachBill(layout, digest, '{"components":[]}');
    await expect(verifyImage(layout, signer.publicKey)).rejects.toThrow("which was signed with the image");
  });

  test("when its signature was made for another image", async () => {
    const other = await image({ files: [{ path: "usr/bin/other" }] });
    const { layout, digest } = await image();
    const donor = (await other.layout.find(attachmentTag(other.digest, "sig")))!;
    const manifest = await other.layout.readManifest(donor);
    for (const blob of [manifest.config, ...manifest.layers])
      await layout.writeBlob(blob.mediaType, await other.layout.readBlob(blob));
    await layout.writeManifest(attachmentTag(digest, "sig"), manifest);
    await expect(verifyImage(layout, signer.publicKey)).rejects.toThrow(
      `the signature is for ${other.digest}, the image is ${digest}`,
    );
  });

  test.each(["manifest", "config", "layer"] as const)("when one byte of its %s was changed", async (part) => {
    const { layout } = await image();
    const descriptor = (await layout.find(LAYOUT_TAG))!;
    const manifest = await layout.readManifest(descriptor);
    const target = { manifest: descriptor, config: manifest.config, layer: manifest.layers[0]! }[part];
    const bytes = await readFile(layout.blobPath(target.digest));
    bytes[bytes.length - 1] = bytes[bytes.length - 1]! ^ 1;
    await writeFile(layout.blobPath(target.digest), bytes);
    await expect(verifyImage(layout, signer.publicKey)).rejects.toThrow("its content must have digest");
  });

  test("when a layer is not there", async () => {
    const { layout } = await image();
    const manifest = await layout.readManifest((await layout.find(LAYOUT_TAG))!);
    await rm(layout.blobPath(manifest.layers[0]!.digest));
    await expect(verifyImage(layout, signer.publicKey)).rejects.toThrow("the image is not complete");
  });

  test("when its index names a digest that is a path", async () => {
    const { layout } = await image();
    const index = await readFile(join(layout.folder, "index.json"), "utf8");
    await writeFile(
      join(layout.folder, "index.json"),
      index.replace(/sha256:[0-9a-f]{64}/, "sha256:../../../etc/passwd"),
    );
    await expect(verifyImage(layout, signer.publicKey)).rejects.toThrow();
    expect(() => layout.blobPath("sha256:../../../etc/passwd")).toThrow("a digest must be sha256:<64 hex>");
  });

  test("when a layer is of a kind whose content cannot be looked at", async () => {
    const { layout } = await image({ layerType: "application/vnd.oci.image.layer.v1.tar+zstd" });
    await expect(verifyImage(layout, signer.publicKey)).rejects.toThrow("a layer must be a gzipped tar archive");
  });

  test.each([
    ["runs as root", { config: { ...goodConfig, User: "0:0" } }, "User must be 10001:10001, got 0:0"],
    ["names no user", { config: { ...goodConfig, User: undefined } }, "User must be 10001:10001, got nothing"],
    [
      "exposes a third port",
      { config: { ...goodConfig, ExposedPorts: { "443/tcp": {}, "8883/tcp": {}, "22/tcp": {} } } },
      "22/tcp",
    ],
    [
      "starts something else",
      { config: { ...goodConfig, Entrypoint: ["/bin/x"] } },
      "Entrypoint must be /usr/bin/node",
    ],
    ["hands over arguments", { config: { ...goodConfig, Cmd: ["--inspect=0.0.0.0"] } }, "Cmd must be"],
    [
      "is stopped by another signal",
      { config: { ...goodConfig, StopSignal: "SIGKILL" } },
      "StopSignal must be SIGTERM",
    ],
    ["has a shell", { files: [{ path: "usr/bin/dash", mode: 0o755 }] }, "it must have no shell, has /usr/bin/dash"],
    ["has a shell by a link", { files: [{ path: "./bin/sh", type: "2" }] }, "it must have no shell, has /bin/sh"],
    ["has a set-user-id file", { files: [{ path: "usr/lib/x", mode: 0o4755 }] }, "no file may be set-user-id"],
  ])("when it %s", async (_, options, message) => {
    const { layout } = await image(options);
    await expect(verifyImage(layout, signer.publicKey)).rejects.toThrow(message);
  });
});

test("signing again replaces the signature instead of adding one", async () => {
  const { layout, digest, bill } = await image();
  const next = memorySigner();
  await attachSignature(layout, digest, bill, next);
  await expect(verifyImage(layout, next.publicKey)).resolves.toMatchObject({ digest });
  await expect(verifyImage(layout, signer.publicKey)).rejects.toThrow("was not made with the trusted key");
});

/** Removes a tag from a layout's index. */
async function forget(folder: string, tag: string): Promise<void> {
  const path = join(folder, "index.json");
  const index = JSON.parse(await readFile(path, "utf8")) as { manifests: { annotations: Record<string, string> }[] };
  const manifests = index.manifests.filter(({ annotations }) => !Object.values(annotations).includes(tag));
  expect(manifests).toHaveLength(index.manifests.length - 1);
  await writeFile(path, JSON.stringify({ ...index, manifests }));
}

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attachSignature } from "../../cli/image/attach";
import { attachmentTag, LAYOUT_TAG } from "../../cli/image/image-name";
import { OciLayout } from "../../cli/image/oci-layout";
import { pushImage } from "../../cli/image/push-image";
import { pull, pushTag, remoteDigest, type Repository } from "../../cli/image/registry";
import { verifyImage } from "../../cli/image/verify-image";
import { memorySigner, tinyImage } from "../cli/image/tiny-image";
import { quietly } from "./built-image";
import { type LocalRegistry, startRegistry } from "./registry";

const root = mkdtempSync(join(tmpdir(), "dmz-push-"));
afterAll(() => rmSync(root, { recursive: true }));
let registry: LocalRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => registry?.stop());

const signer = memorySigner();
let count = 0;
/** A whole image, and a repository for it that is empty yet. */
const prepare = async () => {
  const name = `case-${count++}`;
  return { ...(await tinyImage(join(root, name), signer)), repository: { name: `${registry.host}/test/${name}` } };
};
const push = (layout: OciLayout, repository: Repository, trusted = signer.publicKey) =>
  pushImage({ layout, trusted, repository: async () => repository }, quietly);
const writes = () => registry.requests.filter((line) => /^(PUT|POST|PATCH)/.test(line)).length;

test("what was pushed can be fetched and verified by its digest alone", async () => {
  const { layout, digest, repository } = await prepare();
  expect(await push(layout, repository)).toMatchObject({ digest, reference: `${repository.name}@${digest}` });
  const back = new OciLayout(join(root, "back"));
  await pull(repository, `@${digest}`, back);
  await expect(verifyImage(back, signer.publicKey)).resolves.toMatchObject({ digest });
});

test("pushing again writes nothing, even if it was signed again meanwhile: tags are immutable", async () => {
  const { layout, digest, bill, repository } = await prepare();
  await push(layout, repository);
  const before = writes();
  await attachSignature(layout, digest, bill, signer);
  await push(layout, repository);
  expect(writes()).toBe(before);
});

test("an OCI layout takes the place of a registry", async () => {
  const { layout, digest } = await prepare();
  const to = `oci:${join(root, "copy")}`;
  expect(await push(layout, { name: to })).toMatchObject({ digest, reference: `${to}@${digest}` });
});

describe("nothing reaches the registry", () => {
  test("of an image that was changed after it was built", async () => {
    const { layout, digest, repository } = await prepare();
    const [layer] = (await layout.readManifest((await layout.find(LAYOUT_TAG))!)).layers;
    const path = layout.blobPath(layer!.digest);
    const bytes = await readFile(path);
    bytes[20] = bytes[20]! ^ 1;
    await writeFile(path, bytes);
    const before = writes();
    await expect(push(layout, repository)).rejects.toThrow("its content must have digest");
    expect(writes()).toBe(before);
    expect(await remoteDigest(repository, attachmentTag(digest, "sig"))).toBeUndefined();
  });

  test("of an image that another key signed", async () => {
    const { layout, repository } = await prepare();
    const before = writes();
    await expect(push(layout, repository, memorySigner().publicKey)).rejects.toThrow(
      "was not made with the trusted key",
    );
    expect(writes()).toBe(before);
  });
});

test("an image whose signature somebody else put into the registry first is refused after the push", async () => {
  const { layout, digest, bill, repository } = await prepare();
  const stranger = await tinyImage(join(root, "stranger"), memorySigner());
  expect(stranger.digest).toBe(digest);
  expect(stranger.bill).toBe(bill);
  const tag = attachmentTag(digest, "sig");
  await pushTag(stranger.layout, tag, repository, tag);
  await expect(push(layout, repository)).rejects.toThrow("was not made with the trusted key");
});

test("an image in a registry without signature or bill of materials is refused", async () => {
  const { layout, digest, repository } = await prepare();
  await pushTag(layout, LAYOUT_TAG, repository, "alone");
  const alone = new OciLayout(join(root, "alone"));
  await pull(repository, ":alone", alone);
  await expect(verifyImage(alone, signer.publicKey)).rejects.toThrow("has no signature");

  const tag = attachmentTag(digest, "sig");
  await pushTag(layout, tag, repository, tag);
  const signed = new OciLayout(join(root, "signed"));
  await pull(repository, ":alone", signed);
  await expect(verifyImage(signed, signer.publicKey)).rejects.toThrow("has no bill of materials");
});

test("an image that is not there is said to be not there", async () => {
  const missing = { name: `${registry.host}/test/none` };
  await expect(pull(missing, ":1", new OciLayout(join(root, "none")))).rejects.toThrow(
    "/test/none:1: there is no such image",
  );
});

test("a registry without the repository, such as ECR before the bootstrap stack, is explained", async () => {
  const frozen = await startRegistry({ frozen: true });
  try {
    const { layout } = await prepare();
    await expect(push(layout, { name: `${frozen.host}/mqtt-dmz/broker` })).rejects.toThrow(
      /there is no such repository; deploy the bootstrap stack/,
    );
  } finally {
    await frozen.stop();
  }
});

test("the registry's login is read from a file, and without it the push is refused", async () => {
  const guarded = await startRegistry({ login: "dmz:a-password" });
  try {
    const { layout } = await prepare();
    const authFile = join(root, "auth.json");
    const auth = Buffer.from("dmz:a-password").toString("base64");
    await writeFile(authFile, JSON.stringify({ auths: { [guarded.host]: { auth } } }), { mode: 0o600 });
    const name = `${guarded.host}/mqtt-dmz/broker`;
    await expect(push(layout, { name, authFile })).resolves.toMatchObject({ digest: expect.any(String) });
    await writeFile(authFile, "{}");
    await expect(push(layout, { name, authFile })).rejects.toThrow(/unauthorized|authentication required/);
  } finally {
    await guarded.stop();
  }
});

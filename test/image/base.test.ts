import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assembleImage } from "../../cli/image/assemble-image";
import { attachBill, attachSignature } from "../../cli/image/attach";
import { parseBase } from "../../cli/image/base-image";
import { imageDebianComponents } from "../../cli/image/image-debian-components";
import { LAYOUT_TAG } from "../../cli/image/image-name";
import { OciLayout } from "../../cli/image/oci-layout";
import { pushTag } from "../../cli/image/registry";
import { verifyImage } from "../../cli/image/verify-image";
import { memorySigner, type TarFile, tinyImage } from "../cli/image/tiny-image";
import { podman } from "./podman";
import { type LocalRegistry, startRegistry } from "./registry";

const root = mkdtempSync(join(tmpdir(), "dmz-base-"));
afterAll(() => rmSync(root, { recursive: true }));
let registry: LocalRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  for (const folder of ["base", "app", "store"]) mkdirSync(join(root, "context", folder), { recursive: true });
  for (const file of ["node", "app/broker.cjs"]) writeFileSync(join(root, "context", file), "stands for itself");
});
const pulled: string[] = [];
afterAll(async () => {
  // buildah keeps the bases it pulled, for the next build; here there is none.
  if (pulled.length) await podman("rmi", "--force", ...pulled);
  await registry?.stop();
});

const debian: readonly TarFile[] = [
  { path: "usr/lib/os-release", content: 'ID=debian\nVERSION_ID="12"\n' },
  {
    path: "var/lib/dpkg/status",
    content: "Package: libc6\nStatus: install ok installed\nVersion: 2.36\nArchitecture: amd64\n",
  },
];
const signer = memorySigner();

/** An image on somebody's base of these files, which comes from a registry by its digest. */
async function imageOn(
  name: string,
  files: readonly TarFile[],
): Promise<{ layout: OciLayout; base: string; digest: string }> {
  // A base brings its own command, which must not become the broker's arguments.
  const base = await tinyImage(join(root, `${name}-base`), signer, { files, config: { Cmd: ["/bin/other"] } });
  const repository = `${registry.host}/base/${name}`;
  await pushTag(base.layout, LAYOUT_TAG, { name: repository }, "1");
  const reference = `${repository}@${base.digest}`;
  pulled.push(reference);
  const layout = new OciLayout(join(root, name));
  const context = join(root, "context");
  const options = { platform: "linux/amd64", version: "0", context, layout: layout.folder, tag: LAYOUT_TAG } as const;
  await assembleImage({ ...options, base: parseBase(reference) });
  const { digest } = (await layout.find(LAYOUT_TAG))!;
  const bill = '{"components":[]}';
  await attachBill(layout, digest, bill);
  await attachSignature(layout, digest, bill, signer);
  return { layout, base: reference, digest };
}

test("an image of Debian packages without a shell serves as base, and its packages are listed", async () => {
  const { layout, base, digest } = await imageOn("good", debian);
  await expect(verifyImage(layout, signer.publicKey)).resolves.toMatchObject({ digest });
  const names = (await imageDebianComponents(layout, base)).map(({ name, version }) => `${name} ${version}`);
  expect(names).toEqual(["debian 12", "libc6 2.36"]);
});

test("a base with a shell is refused", async () => {
  const { layout } = await imageOn("shell", [...debian, { path: "usr/bin/dash", mode: 0o755 }]);
  await expect(verifyImage(layout, signer.publicKey)).rejects.toThrow("it must have no shell, has /usr/bin/dash");
});

test("a base that does not say what is in it is refused", async () => {
  const { layout, base } = await imageOn("unknown", [{ path: "usr/lib/libc.so.6" }]);
  await expect(imageDebianComponents(layout, base)).rejects.toThrow("has no dpkg records, so what is in it is unknown");
});

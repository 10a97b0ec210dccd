import { copyFile, cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { version } from "../../package.json";
import type { Output } from "../output";
import { runSteps } from "../run-steps";
import { assembleImage } from "./assemble-image";
import { attachBill, attachSignature } from "./attach";
import { parseBase } from "./base-image";
import { billOfMaterials } from "./bill-of-materials";
import { type Bundle, bundleBroker } from "./bundle-broker";
import type { Component } from "./component";
import { debianBase } from "./debian-base";
import { fetchNode } from "./fetch-node";
import { imageDebianComponents } from "./image-debian-components";
import { BROKER_FORM, type ImageForm } from "./image-form";
import { LAYOUT_TAG } from "./image-name";
import { npmComponents } from "./npm-components";
import { npmLicences } from "./npm-licences";
import { OciLayout } from "./oci-layout";
import { plainModes } from "./plain-modes";
import { NODE_PLATFORM, type Platform } from "./platform";
import { replaceFolder } from "./replace-folder";
import { requireReplaceable } from "./require-replaceable";
import type { Signer } from "./signer";
import { type VerifiedImage, verifyImage } from "./verify-image";
import { withWorkFolder } from "./work-folder";

export interface BuildImageOptions {
  readonly platform: Platform;
  /** `debian-packages`, or an image by digest. */
  readonly base: string;
  /** OCI layout to write; an image that is there is replaced once the new one is complete and verified. */
  readonly output: string;
  readonly signer: () => Promise<Signer>;
  /** @default the broker's */
  readonly form?: ImageForm;
  /** Text files that become the image's /app/<name>. @default none */
  readonly appFiles?: Readonly<Record<string, string>>;
  /** @default made with broker/build.ts */
  readonly bundle?: () => Promise<Bundle>;
}

/** Where the readable copy of the bill of materials lies, beside the layout. */
export const billPath = (output: string): string => `${output}.cdx.json`;

/**
 * Builds the image, its bill of materials and its signature, and verifies them as a stranger would.
 * @throws CommandError if a tool is missing, an input is not what is pinned, or the image breaks its rules; the output is then as it was
 */
export async function buildImage(options: BuildImageOptions, progress: Output): Promise<VerifiedImage> {
  const { platform, base, output, form = BROKER_FORM, appFiles = {} } = options;
  const baseArgument = parseBase(base);
  await requireReplaceable(output);
  // First of all: a key that cannot be used is better known now than after the build.
  const signer = await options.signer();
  return withWorkFolder(output, async (work) => {
    const context = join(work, "context");
    const layout = new OciLayout(join(work, "layout"));
    const components: Component[] = [];
    let digest = "";
    let bill = "";
    let verified: VerifiedImage | undefined;
    for (const folder of ["base", "app", "store"]) await mkdir(join(context, folder), { recursive: true });

    const bundle = async () => {
      const { file, prebuilds, metafile, root } = await (options.bundle ?? bundleBroker)();
      await copyFile(file, join(context, "app", form.program));
      // For this platform alone: the other's would only be larger, and the builder's own would differ.
      const native = NODE_PLATFORM[platform];
      if (prebuilds) await cp(join(prebuilds, native), join(context, "app/prebuilds", native), { recursive: true });
      for (const [name, text] of Object.entries(appFiles)) await writeFile(join(context, "app", name), text);
      await writeFile(join(context, "app/LICENCES.txt"), await npmLicences(metafile, root));
      await plainModes(join(context, "app"));
      components.push(...(await npmComponents(metafile, root)));
      return `${components.length} npm packages`;
    };
    const node = async () => {
      const component = await fetchNode(platform, join(context, "node"));
      components.push(component);
      return component.version;
    };
    const makeBase = async (onLine: (line: string) => void) => {
      if (baseArgument === "scratch") await debianBase(platform, join(context, "base"), onLine);
      return base;
    };
    const assemble = async (onLine: (line: string) => void) => {
      await assembleImage({
        platform,
        base: baseArgument,
        context,
        version,
        layout: layout.folder,
        tag: LAYOUT_TAG,
        containerfile: form.containerfile,
        onLine,
      });
      return (digest = (await layout.find(LAYOUT_TAG))!.digest);
    };
    const list = async () => {
      components.push(...(await imageDebianComponents(layout, base)));
      const purl = `pkg:oci/${form.name}@${encodeURIComponent(digest)}`;
      bill = billOfMaterials({ digest, version, component: { type: "container", name: form.name, purl } }, components);
      await attachBill(layout, digest, bill);
      return `${components.length} components`;
    };
    const sign = async () => {
      await attachSignature(layout, digest, bill, signer, form.name);
      verified = await verifyImage(layout, signer.publicKey, LAYOUT_TAG, form);
      await replaceFolder(layout.folder, output);
      await writeFile(billPath(output), bill);
      return signer.name;
    };
    await runSteps(
      [
        { title: "Bundle the program", run: bundle },
        { title: "Fetch Node", run: node },
        { title: "Make the base", run: makeBase },
        { title: "Assemble the image", run: assemble },
        { title: "Write the bill of materials", run: list },
        { title: "Sign and verify", run: sign },
      ],
      progress,
    );
    return verified!;
  });
}

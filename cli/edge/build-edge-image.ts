import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { buildAgent } from "../../edge-image/agent/build";
import { architectureOf, DEFAULT_ARCHITECTURE } from "../../policy/architecture";
import { edgeImage } from "../../policy/edge-device";
import type { Site } from "../../policy/site";
import { billOfMaterials } from "../image/bill-of-materials";
import type { Component } from "../image/component";
import { fetchNode } from "../image/fetch-node";
import { type Metafile, npmComponents } from "../image/npm-components";
import { replaceFolder } from "../image/replace-folder";
import { reproducibleTime } from "../image/reproducible-time";
import { runTool } from "../image/run-tool";
import type { Signer } from "../image/signer";
import { withWorkFolder } from "../image/work-folder";
import type { Output } from "../output";
import { runSteps } from "../run-steps";
import { type BuildBaseOptions, buildBase, type EdgeBase, refreshPins } from "./build-base";
import { DEFAULT_DATA_MIB } from "./disk-layout";
import { EDGE_TARGETS } from "./edge-target";
import { makeData } from "./make-data";
import { makeDisk } from "./make-disk";
import { makeKernel } from "./make-kernel";
import { makeRoot, type VerityRoot } from "./make-root";
import { pinComponents } from "./package-pins";
import { type SiteFile, siteFiles, writeSiteFiles } from "./site-files";
import { imageName } from "./image-name";
import { requireImageFolder } from "./require-image-folder";
import { makeSlotImage } from "./slot-file";
import { signUpdate, type UpdateSigner } from "./update-signer";

export interface BuildEdgeImageOptions extends Omit<BuildBaseOptions, "architecture"> {
  readonly site: Site;
  readonly deviceClass: string;
  /** Whole numbers with dots. */
  readonly version: string;
  /** Folder to write; an earlier build that is there is replaced once the new one is complete. */
  readonly output: string;
  readonly signer: () => Promise<Signer>;
  readonly updateSigner: () => Promise<UpdateSigner>;
  /** @default DEFAULT_DATA_MIB */
  readonly dataMib?: number;
  /** @default 15 */
  readonly compression?: number;
  /** Changes what the image holds besides the base: for images that a test takes apart. @default nothing */
  readonly alter?: (files: readonly SiteFile[]) => readonly SiteFile[];
  /** Take what Debian has now as the new pins. @default false */
  readonly refreshPackages?: boolean;
}

/** What was built. */
export interface BuiltEdgeImage {
  readonly folder: string;
  /** File names in the folder: the disk, its compressed form, the update. */
  readonly files: {
    readonly disk: string;
    readonly compressed: string;
    readonly update: string;
    readonly bill: string;
  };
  /** SHA-256 of the disk, hexadecimal. */
  readonly sha256: string;
  readonly rootHash: string;
  /** Bytes of the compressed disk. */
  readonly size: number;
  readonly components: number;
  /** Packages that are not as pinned. */
  readonly differences: readonly string[];
}

const ROOT = join(__dirname, "../..");

/**
 * Builds the disk image of a site's device class, the update to the same version, its bill of materials, and a signature
 * beside each.
 * @throws CommandError if a tool is missing, an input is not what is pinned, or the output folder holds anything else;
 * the output is then as it was
 */
export async function buildEdgeImage(options: BuildEdgeImageOptions, progress: Output): Promise<BuiltEdgeImage> {
  const { site, deviceClass, version, output, dataMib = DEFAULT_DATA_MIB } = options;
  await requireImageFolder(output);
  const [signer, updateSigner] = [await options.signer(), await options.updateSigner()];
  const architecture = architectureOf(site, deviceClass);
  const target = EDGE_TARGETS[architecture];
  // What is the default is not said: an image for x86-64 has the bytes that it had before there were others.
  const said = architecture === DEFAULT_ARCHITECTURE ? {} : { architecture };
  const name = imageName({ site: site.name, deviceClass, version, architecture });
  const files = {
    disk: `${name}.raw`,
    compressed: `${name}.raw.zst`,
    update: `${name}.update`,
    bill: `${name}.cdx.json`,
  };
  return withWorkFolder(output, async (work) => {
    const result = join(work, "result");
    await mkdir(result);
    const path = (file: string) => join(result, file);
    const components: Component[] = [];
    const kernel = join(work, "kernel.efi");
    const own = join(work, "site");
    let base: EdgeBase | undefined;
    let root: VerityRoot | undefined;
    let sha256 = "";

    const makeBase = async (report: (line: string) => void) => {
      base = await buildBase({
        ...options,
        architecture,
        unpinned: options.unpinned || options.refreshPackages,
        onLine: report,
      });
      if (options.refreshPackages) await refreshPins(architecture, base.pins);
      components.push(...pinComponents(base.pins, target.debian));
      return `${Object.keys(base.pins).length} packages${base.differences.length > 0 ? `, ${base.differences.length} not as pinned` : ""}`;
    };
    const makeOwn = async () => {
      const agent = join(work, "agent.cjs");
      await buildAgent(agent);
      const metafile = JSON.parse(await readFile(agent.replace(/\.cjs$/, ".meta.json"), "utf8")) as Metafile;
      components.push(...(await npmComponents(metafile, ROOT)), await fetchNode(target.platform, join(work, "node")));
      const builtAt = reproducibleTime();
      const description = {
        deviceClass,
        ...said,
        imageVersion: version,
        builtAt,
        updateKeys: [updateSigner.publicKey],
      };
      // Of this class alone: the bundle of a device of another one is in the wrong hands.
      const devices = site.identities
        .filter((identity) => identity.deviceClass === deviceClass)
        .map(({ name }) => name);
      const image = { ...edgeImage(site, description), devices };
      const siteOwn = await siteFiles(image, agent, join(work, "node"));
      await writeSiteFiles(options.alter?.(siteOwn) ?? siteOwn, own);
      return `${components.length} components`;
    };
    const makeFileSystem = async () => {
      const { compression } = options;
      root = await makeRoot({ base: base!.tar, siteFiles: own, into: join(work, "root"), work, compression });
      return `${(root.size / 1e6).toFixed(1)} MB, root hash ${root.hash.slice(0, 16)}`;
    };
    const assemble = async () => {
      const { stub, loader, kernel: linux, initrd } = base!;
      await makeKernel({ target, stub, kernel: linux, initrd, root: root!, version, into: kernel });
      const data = join(work, "data.img");
      await makeData(data, dataMib, work);
      const disk = path(files.disk);
      const boot = { loader, bootFile: target.bootFile, kernel, version, grub: base!.grub };
      await makeDisk({ ...boot, root: root!.file, rootSize: root!.size, data, dataMib, into: disk, work });
      sha256 = await sha256Of(disk);
      return sha256;
    };
    const update = async () => {
      const { size, sha256: digest } = await makeSlotImage(kernel, root!.file, path(files.update));
      const manifest = { format: 1, site: site.name, deviceClass, ...said, version, sha256: digest, size } as const;
      await writeFile(path(`${files.update}.json`), `${JSON.stringify(signUpdate(manifest, updateSigner))}\n`);
      return `${(size / 1e6).toFixed(1)} MB`;
    };
    const compress = async () => {
      await runTool("zstd", ["-q", "-T0", "-9", path(files.disk), "-o", path(files.compressed)]);
      return `${((await stat(path(files.compressed))).size / 1e6).toFixed(1)} MB`;
    };
    const sign = async () => {
      const system = {
        kind: "operating-system",
        name: "debian",
        version: "12",
        purl: "pkg:generic/debian@12",
      } as const;
      const purl = `pkg:generic/mqtt-dmz-edge@${version}?checksum=sha256:${sha256}`;
      const subject = { digest: `sha256:${sha256}`, version, component: { type: "firmware", name, purl } } as const;
      await writeFile(path(files.bill), billOfMaterials(subject, [system, ...components]));
      for (const file of [files.disk, files.compressed, files.bill]) {
        const digest = `${await sha256Of(path(file))}  ${file}\n`;
        await writeFile(path(`${file}.sha256`), digest);
        // Over the line that sha256sum prints: the file's name is signed with its content.
        await writeFile(path(`${file}.sha256.sig`), await signer.sign(Buffer.from(digest)));
      }
      return signer.name;
    };
    await runSteps(
      [
        { title: "Debian packages", run: makeBase },
        { title: "Agent, Node, rules of the site", run: makeOwn },
        { title: "Root file system", run: makeFileSystem },
        { title: "Disk", run: assemble },
        { title: "Update", run: update },
        { title: "Compress", run: compress },
        { title: "Bill of materials and signatures", run: sign },
      ],
      progress,
    );
    const size = (await stat(path(files.compressed))).size;
    await replaceFolder(result, output);
    return {
      folder: output,
      files,
      sha256,
      rootHash: root!.hash,
      size,
      components: components.length + 1,
      differences: base!.differences,
    };
  });
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

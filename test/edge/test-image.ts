import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BuildEdgeImageOptions, type BuiltEdgeImage, buildEdgeImage } from "../../cli/edge/build-edge-image";
import { updateSigner } from "../../cli/edge/update-signer";
import { localSigner } from "../../cli/image/local-signer";
import { createOutput, type Output } from "../../cli/output";
import { testSite } from "./test-site";

/** Says nothing: jest's own output is enough. */
export const quietly: Output = { ...createOutput(true), event: () => undefined };

const ROOT = join(__dirname, "../..");

/** Where images of tests are kept, and the base that all images share. */
export const TEST_FOLDER = join(ROOT, "dist/edge-test");
export const CACHE = join(ROOT, "dist/edge");
export const KEYS = { image: join(TEST_FOLDER, "image.key"), update: join(TEST_FOLDER, "update.key") };

/** Builds an image of the test site. Debian may have moved on since the pins were taken: said, and built all the same. */
export async function buildTestImage(
  version: string,
  {
    name = version,
    deviceClass = "gateway",
    compression = 3,
    dataMib = 64,
    alter,
  }: {
    /** Of its folder. @default the version */
    readonly name?: string;
    /** @default "gateway" */
    readonly deviceClass?: string;
    /** @default 3 */
    readonly compression?: number;
    /** @default 64 */
    readonly dataMib?: number;
    readonly alter?: BuildEdgeImageOptions["alter"];
  } = {},
): Promise<BuiltEdgeImage> {
  const folder = join(TEST_FOLDER, name);
  await mkdir(TEST_FOLDER, { recursive: true });
  const started = performance.now();
  const built = await buildEdgeImage(
    {
      site: testSite,
      deviceClass,
      version,
      output: folder,
      cache: CACHE,
      unpinned: true,
      // Time matters more than size here; the figures are taken from an image as users get it.
      compression,
      alter,
      dataMib,
      signer: () => localSigner(KEYS.image),
      updateSigner: () => updateSigner(KEYS.update),
    },
    quietly,
  );
  process.stdout.write(
    `edge image ${version}: ${(built.size / 1e6).toFixed(1)} MB compressed, ${built.components} components, ` +
      `${built.differences.length} packages not as pinned, ${((performance.now() - started) / 1000).toFixed(1)} s\n`,
  );
  await writeFile(`${folder}.json`, JSON.stringify(built));
  return built;
}

/** The image that the suite's set-up built. */
export async function testImage(version = "1.0.0"): Promise<BuiltEdgeImage> {
  return JSON.parse(await readFile(join(TEST_FOLDER, `${version}.json`), "utf8")) as BuiltEdgeImage;
}

export const UNPACKED = join(TEST_FOLDER, "root");

export async function removeUnpacked(): Promise<void> {
  if (existsSync(UNPACKED)) await rm(UNPACKED, { recursive: true });
}

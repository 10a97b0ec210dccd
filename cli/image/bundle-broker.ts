import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Metafile } from "./npm-components";

/** The bundled broker: one file, what went into it, and the native modules that it loads. */
export interface Bundle {
  /** The file that becomes /app/broker.cjs. */
  readonly file: string;
  readonly metafile: Metafile;
  /** Folder that the metafile's paths are relative to. */
  readonly root: string;
  /** Folder with a folder of native modules for each of `NODE_PLATFORM`; the image's own goes to /app/prebuilds. @default none */
  readonly prebuilds?: string;
}

const ROOT = join(__dirname, "../..");

/** Bundles the broker afresh, so that an image never holds yesterday's code. */
export async function bundleBroker(): Promise<Bundle> {
  // Loaded here: it brings esbuild, which no other command needs. By require: the TypeScript loader hooks that, not import().
  const { BUNDLE, buildBroker, metafileOf } = createRequire(__filename)(
    "../../broker/build",
  ) as typeof import("../../broker/build.js");
  const file = join(ROOT, BUNDLE);
  await buildBroker(file);
  return {
    file,
    metafile: JSON.parse(await readFile(metafileOf(file), "utf8")) as Metafile,
    root: ROOT,
    // broker/build.ts lays them beside the bundle.
    prebuilds: join(ROOT, dirname(BUNDLE), "prebuilds"),
  };
}

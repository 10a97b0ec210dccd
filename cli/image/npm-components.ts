import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Component } from "./component";

/** The part of esbuild's metafile that says what went into the bundle. */
export interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

/**
 * The npm packages of which at least one byte is in the bundle: not what package.json asks for, but what is there.
 * @param root folder that the metafile's paths are relative to; has node_modules/ and package-lock.json
 * @throws Error naming the package.json that cannot be read
 */
export async function npmComponents(metafile: Metafile, root: string): Promise<Component[]> {
  const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as Lockfile;
  const components = await Promise.all(bundledPackages(metafile).map((folder) => component(folder, root, lock)));
  return components.sort((a, b) => (a.purl < b.purl ? -1 : 1));
}

/** @returns the folders of the packages in the bundle, as the metafile has them, sorted */
export function bundledPackages(metafile: Metafile): string[] {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const folders = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
    .filter((folder) => folder !== undefined);
  return [...new Set(folders)].sort();
}

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
}

async function component(folder: string, root: string, lock: Lockfile): Promise<Component> {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license?: unknown;
  };
  const sha512 = /^sha512-(\S+)/.exec(lock.packages[folder]?.integrity ?? "")?.[1];
  return {
    kind: "library",
    name,
    version,
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    // Old packages state an object or a list here: left out rather than guessed.
    ...(typeof license === "string" && { licence: license }),
    ...(sha512 && { sha512: Buffer.from(sha512, "base64").toString("hex") }),
  };
}

import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createRequire } from "node:module";
import { requireAlone } from "../prove/require-alone";

const MINUTE = 60_000;

/** What a tree of this kit synthesizes: each stack's Terraform JSON by the stack's name; or why it refuses to. */
export type Synthesis = { readonly stacks: ReadonlyMap<string, string> } | { readonly refused: string };

/**
 * Runs a tree's own `main.ts`, as `cdktf synth` would, with its output in a folder of ours: the tree stays as it is. It
 * runs the tree's code: review only what you would also build.
 */
export async function synthesizeTree(tree: string, output: string): Promise<Synthesis> {
  // The loader that belongs to this kit: the tree's own may not be where its dependencies are lent.
  const loader = createRequire(__filename).resolve("tsx");
  const failure = await new Promise<string | undefined>((resolve) => {
    execFile(
      process.execPath,
      ["--import", loader, "main.ts"],
      { cwd: tree, env: { ...process.env, CDKTF_OUTDIR: output }, timeout: 5 * MINUTE, maxBuffer: 64 * 1024 * 1024 },
      (error, _, complaint) => resolve(error ? complaint.trim() || error.message : undefined),
    );
  });
  if (failure !== undefined) return { refused: failure };
  const folder = join(output, "stacks");
  const names = (await readdir(folder)).sort();
  const files = names.map((name) => join(folder, name, "cdk.tf.json"));
  await Promise.all(files.map(requireAlone));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return { stacks: new Map(names.map((name, index) => [name, texts[index]!])) };
}

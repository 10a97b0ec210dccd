import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import type { Facts } from "../../proof/facts/facts";
import { readPlan } from "../../proof/facts/read-plan";
import { readSynth } from "../../proof/facts/read-synth";
import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";
import { requireAlone } from "../prove/require-alone";
import { synthesizeTree } from "../review/synthesize-tree";

/** A stack's facts, and which text they are of. */
export interface ReadStack {
  readonly facts: Facts;
  /** As a reader calls it. */
  readonly name: string;
  /** SHA-256 of the text, hex. */
  readonly sha256: string;
}

export interface StackSource {
  /** `terraform show -json` of a plan. */
  readonly plan?: string;
  /** `cdk.tf.json`, the stack's folder, or the folder of all stacks. */
  readonly synth?: string;
}

/**
 * Reads a site's stack from what was named, or synthesizes it afresh: what lies in `cdktf.out` may be older than the
 * declaration.
 * @throws BadInput when the text is none; CommandError when there is no such file, or the sites do not synthesize
 */
export async function readStack(site: string, { plan, synth }: StackSource): Promise<ReadStack> {
  if (plan !== undefined && synth !== undefined)
    throw new CommandError("--plan and --synth name two stacks", "give one of them", EXIT.usage);
  if (plan !== undefined) {
    const text = await readText(resolve(plan));
    return { facts: readPlan(text, { file: plan }), name: basename(plan), sha256: hashOf(text) };
  }
  if (synth !== undefined) {
    const path = synthesized(resolve(synth), site);
    const text = await readText(path);
    if (path !== resolve(synth)) await requireAlone(path);
    const name = relative(process.cwd(), path);
    return { facts: readSynth(text, name), name: name.startsWith("..") ? basename(path) : name, sha256: hashOf(text) };
  }
  const output = await mkdtemp(join(tmpdir(), "dmz-report-"));
  try {
    const synthesis = await synthesizeTree(join(__dirname, "..", ".."), output);
    if ("refused" in synthesis) throw new CommandError(synthesis.refused, undefined);
    const text = synthesis.stacks.get(site);
    if (text === undefined)
      throw new CommandError(
        `site '${site}' is not among the kit's own sites`,
        "name its stack with --synth or --plan",
        EXIT.usage,
      );
    return { facts: readSynth(text), name: "from its declaration", sha256: hashOf(text) };
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

/** The stack's text below a folder, wherever cdktf was told to write. */
function synthesized(path: string, site: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  const places = ["cdk.tf.json", `stacks/${site}/cdk.tf.json`, `${site}/cdk.tf.json`].map((place) => join(path, place));
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new CommandError(
    `${path}: it holds no stack '${site}'`,
    "synthesize with 'npx tsx main.ts', and name its output with --synth",
    EXIT.usage,
  );
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${path}: cannot be read (${error.code})`, "name a file that is there", EXIT.usage);
  });
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Site } from "../policy/site";
import { BadInput } from "../proof/facts/bad-input";
import { readSynth } from "../proof/facts/read-synth";
import { prove } from "../proof/prove";
import type { Suppression } from "../proof/hygiene/suppression";
import { compareSuppressions } from "../proof/review/compare-suppressions";
import { renderMarkdown, type Review } from "../proof/review/render-markdown";
import { reviewStack, type Side } from "../proof/review/review-stack";
import { showReaders } from "../proof/secrets/show-readers";
import { CommandError } from "./command-error";
import { withWorkFolder } from "./image/work-folder";
import { createOutput } from "./output";
import { exitCodeOf, PROVE_EXIT } from "./prove/prove-exit";
import { readSuppressionsFile } from "./prove/read-suppressions-file";
import { requireFileTarget } from "./require-file-target";
import { checkOut } from "./review/check-out";
import { readDeclarations } from "./review/read-declarations";
import { synthesizeTree } from "./review/synthesize-tree";

const KIT = join(__dirname, "..");

export interface ReviewOptions {
  readonly base: string;
  /** @default the work tree as it is, uncommitted changes included */
  readonly head?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** What one commit synthesizes, or why it does not, and what it sets aside. */
type Commit = { readonly suppressions: readonly Suppression[] } & (
  { readonly sides: ReadonlyMap<string, Side> } | { readonly refused: string }
);

const today = (): string => new Date().toISOString().slice(0, 10);

/** `dmz review`: exit 0 proven, 1 violated or refused, 2 unproven, 3 bad input; the answers are the head's. */
export async function review({ base, head, out, json }: ReviewOptions): Promise<void> {
  const output = createOutput(json ?? false);
  try {
    if (out !== undefined) await requireFileTarget(resolve(out), "--out");
    const found = await withWorkFolder(join(tmpdir(), "dmz-review"), async (work) => {
      const [was, is] = await Promise.all([commit(base, join(work, "base")), commit(head, join(work, "head"))]);
      return compare({ base, head: head ?? "the work tree" }, was, is);
    });
    const text = renderMarkdown(found);
    if (out === undefined) output.text(text);
    else await writeFile(out, text);
    const proofs = found.stacks.flatMap(({ verdicts }) => verdicts.map(({ proof }) => proof));
    process.exitCode = found.refused.head === undefined ? exitCodeOf(proofs) : PROVE_EXIT.violated;
    output.event("review", { ...found, exitCode: process.exitCode });
  } catch (error) {
    if (error instanceof BadInput || error instanceof CommandError)
      throw new CommandError(error.message, undefined, PROVE_EXIT.badInput);
    throw error;
  }
}

async function commit(ref: string | undefined, folder: string): Promise<Commit> {
  if (ref !== undefined) await checkOut(KIT, ref, folder);
  const tree = ref === undefined ? KIT : folder;
  const [synthesis, declared, suppressions] = await Promise.all([
    synthesizeTree(tree, `${folder}.synth`),
    readDeclarations(tree),
    readSuppressionsFile(undefined, tree),
  ]);
  if ("refused" in synthesis) return { suppressions, refused: synthesis.refused.replaceAll(tree, ".") };
  const { stacks } = synthesis;
  const sides = [...stacks].map(([name, text]) => [name, side(name, text, declared.get(name), suppressions)] as const);
  return { suppressions, sides: new Map(sides) };
}

/** A site's stack is named after it. */
const side = (name: string, text: string, site: Site | undefined, suppressions: readonly Suppression[]): Side => {
  const facts = readSynth(text, `${name}/cdk.tf.json`);
  const { proofs, network, access } = prove({ facts }, { ...(site && { site }), suppressions, today: today() });
  return { facts, network, access, proofs, readers: site ? showReaders(facts, site.aws) : [] };
};

const compare = (sides: Pick<Review, "base" | "head">, base: Commit, head: Commit): Review => {
  const names = { ...sides, suppressions: compareSuppressions(base.suppressions, head.suppressions, today()) };
  const refused = {
    ...("refused" in base && { base: base.refused }),
    ...("refused" in head && { head: head.refused }),
  };
  if (!("sides" in head)) return { ...names, refused, stacks: [] };
  // Without a base there is nothing to compare: each stack is then shown against itself, for its proofs alone.
  const before = "sides" in base ? base.sides : head.sides;
  const stacks = [...new Set([...before.keys(), ...head.sides.keys()])].sort();
  return { ...names, refused, stacks: stacks.map((name) => reviewStack(name, before.get(name), head.sides.get(name))) };
};

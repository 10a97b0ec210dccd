import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type TerraformStack } from "cdktf";
import { proveAtSynthesis } from "../../stacks/prove-at-synthesis";

/** One block of a synthesized stack. */
export type Block = Readonly<Record<string, unknown>>;

/** A synthesized cdk.tf.json. */
export interface Document {
  readonly terraform: Block;
  readonly provider: Block;
  readonly locals?: Block;
  readonly output: Readonly<Record<string, Block>>;
  readonly resource: Readonly<Record<string, Readonly<Record<string, Block>>>>;
}

/** Synthesizes one whole stack as `main.ts` does, the proof included. @returns its text, byte for byte. */
export function synthesize(build: (app: App) => TerraformStack): string {
  const outdir = mkdtempSync(join(tmpdir(), "dmz-stack-"));
  try {
    const app = new App({ outdir });
    const stack = build(app);
    proveAtSynthesis(app);
    app.synth();
    return readFileSync(join(outdir, "stacks", stack.node.id, "cdk.tf.json"), "utf8");
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** Every resource of a stack with its type. */
export const resources = (document: Document): { type: string; block: Block }[] =>
  Object.entries(document.resource).flatMap(([type, blocks]) =>
    Object.values(blocks).map((block) => ({ type, block })),
  );

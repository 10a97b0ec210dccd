import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAccessDocument } from "../proof/access/read-access-document";
import type { AccessDocument } from "../proof/access/access-document";
import { BadInput } from "../proof/facts/bad-input";
import type { Facts } from "../proof/facts/facts";
import { parseJson, list } from "../proof/facts/parse-json";
import { readPlan } from "../proof/facts/read-plan";
import { readState } from "../proof/facts/read-state";
import { readSynth } from "../proof/facts/read-synth";
import { type Expectation, prove as holdTo } from "../proof/prove";
import type { Proof } from "../proof/verdict";
import type { Site } from "../policy/site";
import { chooseSite } from "./choose-site";
import { CommandError } from "./command-error";
import { withWorkFolder } from "./image/work-folder";
import { createOutput } from "./output";
import { PROVE_EXIT, exitCodeOf } from "./prove/prove-exit";
import { readFirewall } from "./prove/read-firewall";
import { readInput } from "./prove/read-input";
import { readSuppressionsFile } from "./prove/read-suppressions-file";
import { remarks } from "./prove/remarks";
import { showProofs, showRemarks } from "./prove/show-proofs";
import { readSites } from "./read-sites";
import { synthesizeTree } from "./review/synthesize-tree";

export interface ProveOptions {
  readonly plan?: string;
  readonly synth?: string;
  readonly state?: string;
  readonly access?: string;
  readonly ruleset?: string;
  readonly accounts?: string;
  readonly trustReferences?: boolean;
  readonly expose?: readonly number[];
  readonly suppressions?: string;
  readonly sites?: string;
  readonly json?: boolean;
}

/** `dmz prove [site]`: 0 proven, 1 violated, 2 unproven, 3 bad input. Of several stacks, the worst answer counts. */
export async function prove(name: string | undefined, options: ProveOptions): Promise<void> {
  try {
    const output = createOutput(options.json ?? false);
    const access = options.access === undefined ? undefined : await accessOf(options.access);
    const firewall = await readFirewall(options);
    const suppressions = await readSuppressionsFile(options.suppressions);
    const sources = [options.plan, options.synth, options.state, options.access, options.ruleset];
    const stacks = sources.every((source) => source === undefined)
      ? await ownStacks(name, options)
      : ((await appStacks(name, options)) ?? [await oneStack(name, options)]);
    const proofs: Proof[] = [];
    for (const { title, site, facts } of stacks) {
      if (title !== undefined) output.text(`${proofs.length > 0 ? "\n" : ""}${output.colours.bold(title)}`);
      const expectation: Expectation = {
        ...(site && { site }),
        ...(options.expose && { expose: options.expose }),
        suppressions,
        today: new Date().toISOString().slice(0, 10),
      };
      const evidence = { ...(facts && { facts }), ...(access && { access }), ...(firewall && { firewall }) };
      const proven = holdTo(evidence, expectation);
      showProofs(proven.proofs, facts, output);
      showRemarks(remarks(proven, facts, expectation), output);
      proofs.push(...proven.proofs);
    }
    process.exitCode = exitCodeOf(proofs);
  } catch (error) {
    if (error instanceof BadInput || error instanceof CommandError)
      throw new CommandError(error.message, undefined, PROVE_EXIT.badInput);
    throw error;
  }
}

/** What is held to the properties, and against which declaration. */
interface Subject {
  /** Named where there are several. */
  readonly title?: string;
  readonly site: Site | undefined;
  readonly facts: Facts | undefined;
}

/** Every stack that the app wrote, if its output folder and no site was named; a site's stack is named after it. */
async function appStacks(name: string | undefined, { synth, sites }: ProveOptions): Promise<Subject[] | undefined> {
  const folder = name === undefined && synth !== undefined ? join(synth, "stacks") : undefined;
  const stacks = folder && (await readdir(folder).catch(() => undefined));
  if (!folder || !stacks || stacks.length === 0) return undefined;
  const declared = readSites(sites, undefined).sites;
  return Promise.all(
    stacks.sort().map(async (stack) => ({
      title: stack,
      site: declared.find((site) => site.name === stack),
      facts: readSynth(await readInput(join(folder, stack), "cdk.tf.json"), stack),
    })),
  );
}

/** This kit's own stacks, or a site's, synthesized for the purpose. */
async function ownStacks(name: string | undefined, options: ProveOptions): Promise<Subject[]> {
  if (name !== undefined) siteNamed(name, options.sites);
  return withWorkFolder(join(tmpdir(), "dmz-prove"), async (synth) => {
    const synthesis = await synthesizeTree(join(__dirname, ".."), synth);
    if ("refused" in synthesis) throw new BadInput("the stacks", `must synthesize: ${synthesis.refused}`);
    const all = (await appStacks(undefined, { ...options, synth })) ?? [];
    if (name === undefined) return all;
    const own = all.filter(({ title }) => title === name);
    if (own.length > 0) return own;
    throw new CommandError(`site '${name}' is not among the kit's own sites`, "name its stack with --synth or --plan");
  });
}

async function oneStack(name: string | undefined, options: ProveOptions): Promise<Subject> {
  const site = name === undefined ? undefined : siteNamed(name, options.sites);
  return { site, facts: await factsOf(options, site) };
}

function siteNamed(name: string, folder: string | undefined): Site {
  const { sites, folder: path } = readSites(folder, name);
  return chooseSite(name, sites, path);
}

async function factsOf(
  { plan, synth, state, trustReferences }: ProveOptions,
  site: Site | undefined,
): Promise<Facts | undefined> {
  const named = [plan, synth, state].filter((path) => path !== undefined);
  if (named.length > 1) throw new BadInput("--plan, --synth, --state", `must name one stack, got ${named.join(", ")}`);
  if (plan !== undefined)
    return readPlan(await readInput(plan), { file: plan, references: trustReferences ? "trusted" : "unknown" });
  if (state !== undefined) return readState(await readInput(state), state);
  if (synth === undefined) return undefined;
  // The folder that the app writes, or one stack's.
  const inApp = site && join(synth, "stacks", site.name);
  const folder = inApp !== undefined && existsSync(inApp) ? inApp : synth;
  return readSynth(await readInput(folder, "cdk.tf.json"), synth);
}

async function accessOf(path: string): Promise<AccessDocument> {
  const json = parseJson(await readInput(path), path);
  const shards = json.shards !== undefined && Array.isArray(json.shards) ? list(json.shards, path) : [json];
  return readAccessDocument(shards.map((value, index) => ({ at: `${path}: shard ${index}`, value })));
}

import { rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { version } from "../package.json";
import { CONDUITS } from "../policy/conduits";
import { deriveAccess } from "../policy/derive-access";
import { readAccessDocument } from "../proof/access/read-access-document";
import { monthlyCost } from "../proof/cost/monthly-cost";
import { BadInput } from "../proof/facts/bad-input";
import { showConduits } from "../proof/network/show-conduits";
import { prove } from "../proof/prove";
import { pageScript } from "../proof/report/page-script";
import { promiseStates } from "../proof/report/promise-states";
import { renderReport } from "../proof/report/render-report";
import type { ReportInput } from "../proof/report/report-input";
import type { Site } from "../policy/site";
import { chooseSite } from "./choose-site";
import { CommandError } from "./command-error";
import { EXIT } from "./exit-code";
import { createOutput } from "./output";
import { readFirewall } from "./prove/read-firewall";
import { readSuppressionsFile } from "./prove/read-suppressions-file";
import { readSites } from "./read-sites";
import { requireFileTarget } from "./require-file-target";
import { readCertificates } from "./report/read-certificates";
import { readStack, type StackSource } from "./report/read-stack";

export interface ReportOptions extends StackSource {
  readonly out?: string;
  readonly bundles?: string;
  readonly suppressions?: string;
  readonly ruleset?: string;
  readonly accounts?: string;
  readonly sites?: string;
  readonly json?: boolean;
}

/**
 * `dmz report`: one self-contained HTML file about a site's security. It shows what it finds: that something is violated
 * is the report's news, not the command's failure.
 */
export async function report(siteName: string | undefined, options: ReportOptions): Promise<void> {
  const output = createOutput(options.json ?? false);
  const { sites, folder } = readSites(options.sites, siteName);
  const site = chooseSite(siteName, sites, folder);
  const input = await gather(site, options).catch((error: unknown) => {
    throw error instanceof BadInput ? new CommandError(error.message, undefined, EXIT.usage) : error;
  });
  const file = resolve(options.out ?? join(".dmz", site.name, "posture.html"));
  await requireFileTarget(file, "--out");
  await writeFile(`${file}.partial`, renderReport(input, pageScript()));
  await rename(`${file}.partial`, file);

  const states = promiseStates(input);
  const count = (answer: string): number => input.proofs.filter(({ verdict }) => verdict.answer === answer).length;
  const [proven, violated, unproven] = ["PROVEN", "VIOLATED", "UNPROVEN"].map(count);
  const promises = Object.fromEntries(states.map(({ text, state }) => [text.id, state]));
  output.event("report", { site: site.name, file, checks: input.proofs.length, proven, violated, unproven, promises });
  for (const { text, state, line } of states) output.text(`${text.id}  ${state.padEnd(14)}  ${text.title}: ${line}`);
  output.text(`\n${input.proofs.length} checks ran: ${proven} proven, ${violated} violated, ${unproven} unproven.`);
  output.text(`The report is ${file}`);
}

/** Proves what is there, and puts beside it what else a reader wants to know. */
async function gather(site: Site, options: ReportOptions): Promise<ReportInput> {
  const firewall = await readFirewall(options);
  const { facts, name, sha256 } = await readStack(site.name, options);
  const made = new Date();
  const { proofs, network, access } = prove(
    { facts, ...(firewall && { firewall }) },
    {
      site,
      suppressions: await readSuppressionsFile(options.suppressions),
      today: made.toISOString().slice(0, 10),
    },
  );
  // A stack that deploys no access document was not checked for one; what is declared is shown all the same.
  const declared = () => readAccessDocument(deriveAccess(site).map((value) => ({ at: "the declaration", value })));
  const { identities } = access ?? declared();
  const flows = network && [...network.flows.internet, ...network.flows.links, ...network.flows.internal];
  return {
    site,
    source: {
      kind: facts.source,
      name,
      sha256,
      resources: facts.resources.length,
      unread: facts.unread.map(({ place, reason }) => ({ at: place, says: reason })),
    },
    access: { identities, deployed: access !== undefined },
    conduits: CONDUITS,
    found: flows && showConduits(flows),
    proofs,
    cost: monthlyCost(facts),
    certificates:
      options.bundles === undefined ? undefined : await readCertificates(resolve(options.bundles), identities),
    made,
    version,
  };
}

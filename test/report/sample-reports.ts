import { CONDUITS } from "../../policy/conduits";
import { defineSite } from "../../policy/define-site";
import { consumer } from "../../policy/roles/consumer";
import { operator } from "../../policy/roles/operator";
import { sparkplugEdgeNode } from "../../policy/roles/sparkplug-edge-node";
import { sparkplugHost } from "../../policy/roles/sparkplug-host";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import type { Site } from "../../policy/site";
import { monthlyCost } from "../../proof/cost/monthly-cost";
import { readSynth } from "../../proof/facts/read-synth";
import { showConduits } from "../../proof/network/show-conduits";
import { prove } from "../../proof/prove";
import { pageScript } from "../../proof/report/page-script";
import { renderReport } from "../../proof/report/render-report";
import type { ReportInput } from "../../proof/report/report-input";
import riverside from "../../sites/riverside";
import { VIOLATIONS } from "../proof/mutations/network-violations";
import { StackDocument } from "../proof/mutations/stack-document";
import { synthesizeSite } from "../proof/synthesize-site";

const MISTAKES = [
  "a second listener that the world may reach",
  "tasks that reach the store on another port",
  "a way out through NAT",
];
const MADE = new Date("2026-11-22T12:00:00Z");

/** The shipped site with other edge devices: two of five are Sparkplug gateways on twenty lines, the others plain ones. */
const withEdge = (count: number): Site =>
  defineSite({
    name: riverside.name,
    host: riverside.host,
    aws: riverside.aws,
    broker: riverside.broker,
    capacity: Math.max(500, count + 100),
    edge: Array.from({ length: count }, (_, index) => ({
      name: `gw-${String(index).padStart(4, "0")}`,
      role:
        index % 5 < 2
          ? sparkplugEdgeNode({ group: `line${(index % 20) + 1}` })
          : telemetryDevice({ area: ["boilers", "chillers", "yard"][index % 3]! }),
    })),
    enterprise: [
      { name: "scada", role: sparkplugHost({ groups: ["line1", "line2"] }) },
      { name: "historian", role: consumer({ areas: ["boilers", "yard"] }) },
      { name: "operator", role: operator() },
    ],
  });

/** A report of a site's own stack, proven for real; `change` may put holes into its text first. */
export function reportOf(site: Site, change: (stack: string) => string = (stack) => stack): string {
  const facts = readSynth(change(synthesizeSite(site)));
  const { proofs, network, access } = prove({ facts }, { site, suppressions: [], today: "2026-11-22" });
  const { internet, links, internal } = network!.flows;
  const input: ReportInput = {
    site,
    source: {
      kind: "synth",
      name: "cdk.tf.json",
      sha256: "ab".repeat(32),
      resources: facts.resources.length,
      unread: [],
    },
    access: { identities: access!.identities, deployed: true },
    conduits: CONDUITS,
    found: showConduits([...internet, ...links, ...internal]),
    proofs,
    cost: monthlyCost(facts),
    certificates: access!.identities.map(({ name }, index) => ({
      name,
      file: `${name}/cert.pem`,
      state: {
        from: MADE,
        until: new Date(MADE.getTime() + (index - 1) * 20 * 86_400_000),
        subject: name,
        issuer: "site CA",
      },
    })),
    made: MADE,
    version: "0.1.0",
  };
  return renderReport(input, pageScript());
}

export const fourGateways = (): string => reportOf(withEdge(4));
export const fourThousandGateways = (): string => reportOf(withEdge(4_000));

/** The shipped site after three mistakes of the prover's own mutations. */
export const broken = (): string =>
  reportOf(riverside, (text) => {
    const stack = new StackDocument(text);
    for (const mistake of MISTAKES) VIOLATIONS.find(({ title }) => title === mistake)!.mutate(stack);
    return stack.text;
  });

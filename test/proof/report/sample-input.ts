import { CONDUITS } from "../../../policy/conduits";
import { deriveAccess } from "../../../policy/derive-access";
import type { Site } from "../../../policy/site";
import { readAccessDocument } from "../../../proof/access/read-access-document";
import type { ReportInput } from "../../../proof/report/report-input";
import type { Proof, Verdict } from "../../../proof/verdict";
import riverside from "../../../sites/riverside";

export const proof = (id: string, promises: readonly string[], verdict: Verdict, controls = ["M0930"]): Proof => ({
  id,
  what: `What ${id} holds.`,
  why: `Why ${id} matters.`,
  promises,
  controls,
  verdict,
});

export const proven: Verdict = { answer: "PROVEN", checked: 12, says: "all of them" };
export const unproven: Verdict = { answer: "UNPROVEN", reasons: [{ at: "aws_lb.x", says: "is not known" }] };
export const violated: Verdict = {
  answer: "VIOLATED",
  counterexamples: [
    {
      source: "the internet: 0.0.0.0/0",
      target: "aws_lb.front: tcp 22",
      path: [{ at: "aws_security_group.front", says: "lets in tcp 22" }],
    },
  ],
};

/** The access document of a site as a report takes it. */
export const accessOf = (site: Site): ReportInput["access"] => ({
  identities: readAccessDocument(deriveAccess(site).map((value) => ({ at: "the declaration", value }))).identities,
  deployed: true,
});

/** A report's input with nothing wrong in it; a test changes what it is about. */
export const sampleInput = (changes: Partial<ReportInput> = {}): ReportInput => ({
  site: riverside,
  source: { kind: "plan", name: "plan.json", sha256: "ab".repeat(32), resources: 111, unread: [] },
  access: accessOf(riverside),
  conduits: CONDUITS,
  found: CONDUITS.map(({ from, to, ports }) => ({ from, to, ports: ports.map((port) => `tcp ${port}`) })),
  proofs: [proof("zones-and-conduits", ["P1"], proven)],
  cost: { usd: 12.5, byType: new Map([["aws_lb", 12.5]]), unpriced: [] },
  certificates: undefined,
  made: new Date("2026-11-22T12:00:00Z"),
  version: "0.1.0",
  ...changes,
});

import { describe, expect, test } from "@jest/globals";
import { renderMarkdown, type Review } from "../../../proof/review/render-markdown";
import type { StackReview } from "../../../proof/review/review-stack";
import type { Proof, Verdict } from "../../../proof/verdict";

const NOTHING = { gained: [], lost: [] };
const FREE = { usd: 0, byType: new Map(), unpriced: [] };
const QUIET: StackReview = {
  stack: "plant",
  existence: "kept",
  sockets: NOTHING,
  conduits: NOTHING,
  access: { added: [], removed: [], connections: [], topics: [] },
  readers: NOTHING,
  resources: [],
  cost: { base: FREE, head: FREE },
  verdicts: [],
};
const proof = (verdict: Verdict): Proof => ({
  id: "ports",
  what: "Two ports.",
  why: "Few.",
  promises: ["P1"],
  controls: [],
  verdict,
});
const proven = proof({ answer: "PROVEN", checked: 3, says: "of 3 interfaces, two ports" });
const violated = proof({
  answer: "VIOLATED",
  counterexamples: [
    { source: "the internet", target: "tcp 22", path: [{ at: "aws_security_group.a", says: "lets in tcp 22" }] },
  ],
});
const render = (stack: Partial<StackReview>, more: Partial<Review> = {}) =>
  renderMarkdown({ base: "main", head: "change", refused: {}, stacks: [{ ...QUIET, ...stack }], ...more });

describe("the review as Markdown", () => {
  test("says first what became of the proofs", () => {
    expect(render({ verdicts: [{ proof: proven, before: "PROVEN" }] })).toMatch(/^## Proven: all 1 properties hold\n/);
    const bad = render({ verdicts: [{ proof: violated, before: "PROVEN" }] });
    expect(bad).toMatch(/^## Violated: 1 of 1 properties do not hold\n/);
    expect(bad).toContain("**It held before.**");
    expect(bad).toContain("- the internet → tcp 22\n  - `aws_security_group.a`: lets in tcp 22");
  });

  test("says so when the change does not synthesize, with its own words", () => {
    const text = render({}, { refused: { head: "plant: 'zones' must\nbe two" }, stacks: [] });
    expect(text).toMatch(/^## Refused/);
    expect(text).toContain("    plant: 'zones' must\n    be two");
  });

  test("tells in one line of a stack that stays as it is", () => {
    expect(render({})).toContain("Nothing changes in `plant`.");
  });

  test("puts the loss of data in bold, and cost with both sums", () => {
    const text = render({
      resources: [
        {
          address: "aws_efs_file_system.a",
          type: "aws_efs_file_system",
          change: "replaced",
          attributes: ["kms_key_id"],
          atRisk: "messages",
        },
      ],
      cost: { base: { ...FREE, usd: 150 }, head: { ...FREE, usd: 189.03 } },
    });
    expect(text).toContain("- **replaced: loses messages**: `aws_efs_file_system.a` (`kms_key_id`)");
    expect(text).toContain("+39.03 USD a month");
  });

  test("counts what would make the comment too long", () => {
    const added = Array.from({ length: 5000 }, (_, index) => ({
      at: "",
      name: `gw-${index}`,
      kind: "edge" as const,
      certificate: "required" as const,
      roleId: "r",
      role: undefined,
    }));
    const topics = added.map(({ name }) => ({
      identity: name,
      right: "publish" as const,
      change: "gains" as const,
      filter: `a/${name}`,
      witness: `a/${name}`,
    }));
    const text = render({ access: { added, removed: [], connections: [], topics } });
    expect(text).toContain("and 4970 more");
    expect(text.length).toBeLessThan(65_536);
  });

  test("lets no name, filter or reason become markup, mention or a way out of its table", () => {
    const hostile = "x`|\n<img src=a> @team [a](b) **b**";
    const text = render({
      sockets: { gained: [hostile], lost: [] },
      access: {
        ...QUIET.access,
        topics: [{ identity: hostile, right: "publish", change: "gains", filter: hostile, witness: hostile }],
      },
      verdicts: [
        { proof: proof({ answer: "UNPROVEN", reasons: [{ at: hostile, says: hostile }] }), before: undefined },
      ],
    });
    // Outside of code, nothing of it is left as written.
    const outside = text.replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "");
    for (const part of ["<img", "@team", "[a](b)"]) expect(outside).not.toContain(part);
    expect(text.split("\n").filter((line) => line.startsWith("<img"))).toEqual([]);
    expect(text.match(/^\| ``x`\\\| <img.*$/m)).not.toBeNull();
  });
});

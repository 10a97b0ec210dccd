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
  filters: NOTHING,
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
  renderMarkdown({
    base: "main",
    head: "change",
    refused: {},
    suppressions: { added: [], removed: [], changed: [], ended: [] },
    stacks: [{ ...QUIET, ...stack }],
    ...more,
  });

describe("the review as Markdown", () => {
  test("says first what became of the proofs", () => {
    expect(render({ verdicts: [{ proof: proven, before: "PROVEN" }] })).toMatch(/^## Proven: the one property holds\n/);
    const bad = render({ verdicts: [{ proof: violated, before: "PROVEN" }] });
    expect(bad).toMatch(/^## Violated: 1 of 1 property does not hold\n/);
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

  test("says loudly what the change sets aside, before anything else", () => {
    const one = { rule: "keys-rotate", resource: "aws_kms_key.a", reason: "see <b>4711</b>", until: "2027-03-31" };
    const text = render(
      { verdicts: [{ proof: proven, before: "PROVEN" }] },
      {
        suppressions: {
          added: [one],
          removed: [{ ...one, resource: "aws_kms_key.b" }],
          changed: [
            {
              was: { ...one, resource: "aws_kms_key.c" },
              is: { ...one, resource: "aws_kms_key.c", until: "2028-01-01" },
            },
          ],
          ended: [{ ...one, resource: "aws_kms_key.d", until: "2026-01-01" }],
        },
      },
    );
    expect(text).toMatch(/^## Proven: the one property holds, and the change sets findings aside\n/);
    expect(text).toContain("> [!WARNING]");
    expect(text).toContain("**sets aside** `keys-rotate` for `aws_kms_key.a` until 2027-03-31: see &#60;b&#62;4711");
    expect(text).toMatch(
      /\*\*changes\*\* `keys-rotate` for `aws_kms_key.c`, now until 2028-01-01.*was until 2027-03-31/,
    );
    expect(text).toContain("sets aside no longer: `keys-rotate` for `aws_kms_key.b`");
    expect(text).toContain("**has ended** and sets nothing aside: `keys-rotate` for `aws_kms_key.d`");
    expect(text.indexOf("### Set aside")).toBeLessThan(text.indexOf("### Proofs"));
  });

  test("does not warn of what is no longer set aside", () => {
    const one = { rule: "keys-rotate", resource: "aws_kms_key.a", reason: "replaced in March", until: "2027-03-31" };
    const text = render({}, { suppressions: { added: [], removed: [one], changed: [], ended: [] } });
    expect(text).toContain("sets aside no longer");
    expect(text).not.toContain("WARNING");
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

  test("gathers what many gain alike, so that a hundred new devices hide nothing that one of the others gains", () => {
    const gain = (identity: string, filter: string, right: "publish" | "subscribe" = "publish") =>
      ({ identity, right, change: "gains", filter, witness: filter.replace("#", "x") }) as const;
    const devices = Array.from({ length: 100 }, (_, index) => gain(`gw-${index}`, `plant/line1/gw-${index}/#`));
    const lost = Array.from(
      { length: 40 },
      (_, index) => ({ ...gain("scada", `old/${index}`), change: "loses" }) as const,
    );
    const topics = [...lost, ...devices, gain("historian", "plant/line1/gw-7/cmd/#")];
    const text = render({
      access: { added: [], removed: [], connections: [], topics },
      verdicts: [{ proof: proven, before: "PROVEN" }],
    });
    expect(text).toContain("| `gw-0` and 99 more | **may now** publish | `plant/line1/gw-0/#` |");
    expect(text).toContain("| `historian` | **may now** publish | `plant/line1/gw-7/cmd/#` |");
    expect(text).toContain("and 12 more\n");
    expect(text).toMatch(/^## Proven: the one property holds, and somebody's rights change\n/);
  });

  test("shows what says who may do what before what has new labels alone", () => {
    const changed = (address: string, ...attributes: string[]) =>
      ({ address, type: address.split(".")[0]!, change: "changed", attributes }) as const;
    const labels = Array.from({ length: 40 }, (_, index) => changed(`aws_cloudwatch_log_group.g${index}`, "tags"));
    const text = render({ resources: [...labels, changed("aws_sns_topic_policy.alarms", "policy")] });
    expect(text).toContain(
      "<summary>0 added, 41 changed in place</summary>\n\n- changed: `aws_sns_topic_policy.alarms` (`policy`)",
    );
    expect(text).toContain("- and 11 more");
  });
});

import type { Suppression } from "../hygiene/suppression";
import type { Counterexample, Step, Verdict } from "../verdict";
import type { AccessChanges, TopicChange } from "./compare-access";
import type { ResourceChange } from "./compare-resources";
import { countText } from "../report/number-text";
import type { SuppressionChanges } from "./compare-suppressions";
import type { Difference, StackReview } from "./review-stack";

/** A review of a change to this kit's stacks. */
export interface Review {
  /** Short names of the two sides, as the user gave them. */
  readonly base: string;
  readonly head: string;
  /** Why a side does not synthesize at all, in its own words. */
  readonly refused: { readonly base?: string; readonly head?: string };
  readonly suppressions: SuppressionChanges;
  readonly stacks: readonly StackReview[];
}

/** More than this of one kind is counted instead of listed: GitHub cuts comments at 65,536 characters. */
const MOST = 30;

/** Code that no content can leave: names, filters and values come from whoever proposes the change. */
const code = (text: string): string => {
  const fence = "`".repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${pad}${text.replace(/\s+/g, " ").replaceAll("|", "\\|")}${pad}${fence}`;
};

/** Plain words of ours that quote theirs: nothing in them may become markup, a mention or a link. */
const plain = (text: string): string =>
  text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>#|~!@&]/g, (character) => `&#${character.charCodeAt(0)};`);

const bullets = (lines: readonly string[]): string[] => [
  ...lines.slice(0, MOST).map((line) => `- ${line}`),
  ...(lines.length > MOST ? [`- and ${lines.length - MOST} more`] : []),
];

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", `#### ${title}`, "", ...lines];

/** Renders a review for a pull request: what it opens and closes first, the proofs last. */
export const renderMarkdown = (review: Review): string => {
  const { refused } = review;
  const touched = review.stacks.filter(isTouched);
  const untouched = review.stacks.filter((stack) => !isTouched(stack)).map(({ stack }) => code(stack));
  return [
    `## ${headline(review)}`,
    "",
    `${code(review.base)} → ${code(review.head)}`,
    ...(refused.base ? ["", `The base does not synthesize, so nothing can be compared:`, ...quoted(refused.base)] : []),
    ...(refused.head ? ["", `The change does not synthesize:`, ...quoted(refused.head)] : []),
    ...renderSuppressions(review.suppressions),
    ...touched.flatMap(renderStack),
    ...(untouched.length > 0 ? ["", `Nothing changes in ${untouched.join(", ")}.`] : []),
    ...review.stacks.flatMap(renderVerdicts),
    "",
  ].join("\n");
};

const quoted = (text: string): string[] => ["", ...text.split("\n").map((line) => `    ${line}`)];

const answers = ({ stacks }: Review): Verdict["answer"][] =>
  stacks.flatMap(({ verdicts }) => verdicts.map(({ proof }) => proof.verdict.answer));

const headline = (review: Review): string => {
  if (review.refused.head) return "Refused: the change does not synthesize";
  const [violated, unproven] = (["VIOLATED", "UNPROVEN"] as const).map(
    (answer) => answers(review).filter((other) => other === answer).length,
  ) as [number, number];
  const of = (some: number) => `${some} of ${countText(answers(review).length, "property", "properties")}`;
  if (violated > 0) return `Violated: ${of(violated)} ${violated === 1 ? "does" : "do"} not hold`;
  if (unproven > 0) return `Unproven: ${of(unproven)} could not be shown`;
  const opens = review.stacks.some(({ sockets, conduits, filters }) =>
    [sockets, conduits, filters].some(({ gained }) => gained.length > 0),
  );
  // What a new identity may do is what it was added for; it is listed below.
  const grants = review.stacks.some(
    ({ access: { added, topics, connections }, readers }) =>
      topics.some(({ identity, change }) => change === "gains" && !added.some(({ name }) => name === identity)) ||
      connections.length + readers.gained.length > 0,
  );
  const { added, changed } = review.suppressions;
  const but = [
    ...(opens ? ["the change opens something"] : []),
    ...(grants ? ["somebody's rights change"] : []),
    ...(added.length + changed.length > 0 ? ["the change sets findings aside"] : []),
  ];
  return [`Proven: ${hold(answers(review).length)}`, ...but].join(", and ");
};

const hold = (properties: number): string =>
  properties === 1 ? "the one property holds" : `all ${properties} properties hold`;

/** Loudly: a change that sets a finding aside weakens the proof, and all that is proven below is proven with it. */
const renderSuppressions = ({ added, removed, changed, ended }: SuppressionChanges): string[] => {
  if (added.length + removed.length + changed.length + ended.length === 0) return [];
  const weaker = added.length + changed.length > 0;
  const terms = ({ until, reason }: Suppression) => `until ${plain(until)}: ${plain(reason)}`;
  const what = ({ rule, resource }: Suppression) => `${code(rule)} for ${code(resource)}`;
  return [
    "",
    "### Set aside by `proof-suppressions.json`",
    "",
    ...(weaker
      ? ["> [!WARNING]", "> This change sets findings aside. What is proven below is proven without them.", ""]
      : []),
    ...bullets(added.map((one) => `**sets aside** ${what(one)} ${terms(one)}`)),
    ...bullets(changed.map(({ was, is }) => `**changes** ${what(is)}, now ${terms(is)} (was ${terms(was)})`)),
    ...bullets(removed.map((one) => `sets aside no longer: ${what(one)}`)),
    ...bullets(ended.map((one) => `**has ended** and sets nothing aside: ${what(one)} ${terms(one)}`)),
  ];
};

const isTouched = (stack: StackReview): boolean => {
  const { existence, sockets, conduits, filters, access, readers, resources } = stack;
  return (
    existence !== "kept" ||
    [sockets, conduits, filters, readers].some(({ gained, lost }) => gained.length + lost.length > 0) ||
    access.added.length + access.removed.length + access.connections.length + access.topics.length > 0 ||
    resources.length > 0
  );
};

const renderStack = (review: StackReview): string[] => {
  const { stack, existence, sockets, conduits, filters, access, readers, resources } = review;
  const suffix = { new: " (new)", gone: " (removed)", kept: "" }[existence];
  return [
    "",
    `### ${code(stack)}${suffix}`,
    ...section("Reached from the internet", differenceLines(sockets)),
    ...section("Conduits between zones", differenceLines(conduits)),
    ...section("Filters that let the internet in, whether or not anything listens there", differenceLines(filters)),
    ...section("Identities", identityLines(access)),
    ...section("Topics", topicLines(access.topics)),
    ...section("Who reads which secret", differenceLines(readers)),
    ...section("Destroyed or replaced", bullets(resources.filter(isDestroyed).map(resourceLine))),
    ...section("Other resources", otherResources(resources)),
    ...section("Cost", costLines(review)),
  ];
};

const differenceLines = ({ gained, lost }: Difference): string[] => [
  ...bullets(gained.map((one) => `**opens** ${code(one)}`)),
  ...bullets(lost.map((one) => `closes ${code(one)}`)),
];

const identityLines = ({ added, removed, connections }: AccessChanges): string[] => [
  ...bullets(added.map(({ name, kind, roleId }) => `new: ${code(name)} (${kind}), ${code(roleId)}`)),
  ...bullets(removed.map(({ name, kind }) => `gone: ${code(name)} (${kind})`)),
  ...bullets(connections.map(({ identity, says }) => `${code(identity)}: **${plain(says)}**`)),
];

const topicLines = (topics: readonly TopicChange[]): string[] => {
  if (topics.length === 0) return [];
  const row = ([{ identity, change, right, filter, witness }, ...alike]: readonly [TopicChange, ...TopicChange[]]) =>
    `| ${code(identity)}${alike.length > 0 ? ` and ${alike.length} more` : ""} | ${change === "gains" ? "**may now**" : "may no longer"} ${right} | ${code(filter)} | ${code(witness)} |`;
  const rows = gathered(topics);
  return [
    "| Identity | | Filter | For example |",
    "|---|---|---|---|",
    ...rows.slice(0, MOST).map(row),
    ...(rows.length > MOST ? ["", `and ${rows.length - MOST} more`] : []),
  ];
};

/** What many gain alike is one row, so that a hundred new devices hide nothing that one of the others gains. */
const gathered = (topics: readonly TopicChange[]): readonly (readonly [TopicChange, ...TopicChange[]])[] => {
  const byShape = new Map<string, [TopicChange, ...TopicChange[]]>();
  for (const topic of topics) {
    const { identity, change, right, filter } = topic;
    const levels = filter.split("/").map((level) => (level === identity ? "\0" : level));
    const shape = JSON.stringify([change, right, levels]);
    const alike = byShape.get(shape);
    if (alike) alike.push(topic);
    else byShape.set(shape, [topic]);
  }
  const all = [...byShape.values()];
  return [...all.filter(([{ change }]) => change === "gains"), ...all.filter(([{ change }]) => change !== "gains")];
};

const isDestroyed = ({ change }: ResourceChange): boolean => change === "removed" || change === "replaced";

const resourceLine = ({ address, change, attributes, atRisk }: ResourceChange): string =>
  `${atRisk ? "**" : ""}${change}${atRisk ? `: loses ${atRisk}**` : ""}: ${code(address)}${attributes.length > 0 ? ` (${attributes.map(code).join(", ")})` : ""}`;

/** Attributes and kinds of resources that say who may do or reach what. */
const RIGHTS = /polic(y|ies)|principal|role|ingress|egress|cidr|security_group|route|public|rule|permission|grant/;
const LABELS: ReadonlySet<string> = new Set(["tags", "tags_all", "description"]);

/** What says who may do what comes first, new labels last: a list that is cut off must not end before it. */
const weight = ({ type, change, attributes }: ResourceChange): number => {
  if (change !== "changed") return RIGHTS.test(type) || type.startsWith("aws_iam_") ? 0 : 1;
  if (attributes.some((name) => RIGHTS.test(name))) return 0;
  return attributes.every((name) => LABELS.has(name)) ? 2 : 1;
};

const otherResources = (resources: readonly ResourceChange[]): string[] => {
  const others = resources
    .filter((resource) => !isDestroyed(resource))
    .sort((one, other) => weight(one) - weight(other));
  if (others.length === 0) return [];
  const count = (what: string) => others.filter(({ change }) => change === what).length;
  return [
    `<details><summary>${count("added")} added, ${count("changed")} changed in place</summary>`,
    "",
    ...bullets(others.map(resourceLine)),
    "",
    "</details>",
  ];
};

const costLines = ({ cost: { base, head } }: StackReview): string[] => {
  const change = head.usd - base.usd;
  const unpriced = head.unpriced.filter((address) => !base.unpriced.includes(address));
  if (Math.abs(change) < 0.005 && unpriced.length === 0) return [];
  const sign = change < 0 ? "-" : "+";
  return [
    `${sign}${Math.abs(change).toFixed(2)} USD a month for standing there (${base.usd.toFixed(2)} → ${head.usd.toFixed(2)}, list prices, without traffic).`,
    ...bullets(unpriced.map((address) => `no price known for ${code(address)}`)),
  ];
};

const renderVerdicts = ({ stack, verdicts }: StackReview): string[] => {
  if (verdicts.length === 0) return [];
  const failing = verdicts.filter(({ proof }) => proof.verdict.answer !== "PROVEN");
  return [
    "",
    `### Proofs of ${code(stack)}`,
    "",
    ...failing.flatMap(({ proof, before }) => [
      `**${proof.verdict.answer}** ${code(proof.id)}: ${plain(proof.what)}${before === "PROVEN" ? " **It held before.**" : ""}`,
      "",
      ...evidence(proof.verdict),
      "",
    ]),
    `<details><summary>${verdicts.length - failing.length} of ${verdicts.length} proven</summary>`,
    "",
    "| | Property | Shown by |",
    "|---|---|---|",
    ...verdicts.map(
      ({ proof: { verdict, what, promises } }) =>
        `| ${verdict.answer} | ${plain(what)} ${promises.length > 0 ? `(${promises.join(", ")})` : ""} | ${verdict.answer === "PROVEN" ? plain(verdict.says) : ""} |`,
    ),
    "",
    "</details>",
  ];
};

const evidence = (verdict: Verdict): string[] => {
  if (verdict.answer === "VIOLATED") return bullets(verdict.counterexamples.map(counterexample));
  return verdict.answer === "UNPROVEN" ? bullets(verdict.reasons.map(step)) : [];
};

const counterexample = ({ source, target, path }: Counterexample): string =>
  [`${plain(source)} → ${plain(target)}`, ...path.map((hop) => `  - ${step(hop)}`)].join("\n");

const step = ({ at, says }: Step): string => `${code(at)}: ${plain(says)}`;

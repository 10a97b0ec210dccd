import { statements, type Stated } from "../constructs/statements";
import { type Block, type Document, resources } from "./synthesize";

const WIDTH = 140;

/**
 * A stack as a reviewer reads it: a paragraph for each resource under its construct path; references by path; policies
 * as sentences, and other JSON in strings as what it says. Without what changes by itself: versions and hashes of code.
 */
export function reviewable(text: string): string {
  const document = readable(JSON.parse(text) as Document);
  const { terraform, provider, output } = document;
  const backend = paragraph("backend", terraform.backend as Block);
  const paragraphs = resources(document)
    .map(({ type, block }) => paragraph(`${pathOf(block)} (${type})`, block))
    .sort();
  const outputs = Object.fromEntries(Object.entries(output).map(([name, { value }]) => [name, value]));
  return [backend, paragraph("provider", provider), ...paragraphs, paragraph("outputs", outputs)]
    .join("\n\n")
    .replace(/ +$/gm, "");
}

const pathOf = (block: Block): string =>
  (block["//"] as { metadata: { path: string } }).metadata.path.replace(/^[^/]+\//, "");

/** The document with each `${aws_iam_role.roles_enrol_1A2B3C4D.arn}` as `<roles/enrol>.arn`. */
function readable(document: Document): Document {
  const paths = new Map<string, string>(
    Object.entries(document.resource).flatMap(([type, blocks]) =>
      Object.entries(blocks).map(([id, block]) => [`${type}.${id}`, pathOf(block)] as const),
    ),
  );
  const named = (text: string) =>
    text
      .replace(/\$\{([a-z0-9_]+\.[\w-]+)\.(\w+)\}/g, (whole, id: string, attribute: string) =>
        paths.has(id) ? `<${paths.get(id)}>.${attribute}` : whole,
      )
      .replace(/^[a-z0-9_]+\.[\w-]+$/, (id) => (paths.has(id) ? `<${paths.get(id)}>` : id));
  return JSON.parse(JSON.stringify(document), (_, value: unknown) =>
    typeof value === "string" ? named(value) : value,
  ) as Document;
}

const paragraph = (title: string, block: Block): string =>
  [
    title,
    ...Object.keys(block)
      .filter((name) => name !== "//")
      .map((name) => attribute(block, name)),
  ].join("\n  ");

function attribute(block: Block, name: string): string {
  const value = block[name];
  if (typeof value === "string" && value.includes('"Statement"'))
    return `${name}:${statements(block, name).map(sentence).join("")}`;
  return `${name}: ${format(value, 4)}`;
}

function sentence({ Sid, Effect, principals, actions, resources: on, Condition }: Stated): string {
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `if ${operator} ${key} ${[values].flat().join(" ")}`),
  );
  const parts = [
    `${Sid}: ${[Effect, ...principals].join(" ")}`,
    actions.join(" "),
    ...(on.length > 0 && on.join() !== "*" ? [`on ${on.join(" ")}`] : []),
    ...conditions,
  ];
  const line = parts.join(" ");
  return `\n    ${line.length <= WIDTH ? line : parts.join("\n      ")}`;
}

/** On one line if it fits, otherwise one entry a line. */
function format(value: unknown, indent: number): string {
  const meaning = parsed(value);
  const line = typeof meaning === "string" ? meaning : JSON.stringify(meaning);
  if (typeof meaning !== "object" || meaning === null || line.length + indent <= WIDTH) return line;
  const margin = "\n" + " ".repeat(indent);
  return Array.isArray(meaning)
    ? meaning.map((entry) => `${margin}- ${format(entry, indent + 2).trimStart()}`).join("")
    : Object.entries(meaning)
        .map(([name, entry]) => `${margin}${name}: ${format(entry, indent + 2)}`)
        .join("");
}

/** JSON in a string is what it says; an archive's name and hash change with each change of the code. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  // Not a log filter, which begins with a brace too.
  if (/^(\[|\{\s*["}])/.test(value)) return JSON.parse(value) as unknown;
  if (value.startsWith("assets/")) return "(archive)";
  return /^[A-Za-z0-9+/]{43}=$/.test(value) ? "(sha256 of the archive)" : value;
}

import type { Literal } from "./facts";

/** What can follow a name: `.id`, `[0]`, `["a"]`, `[*]`. */
export type Step =
  | { readonly kind: "attribute"; readonly name: string }
  | { readonly kind: "index"; readonly key: Expression }
  | { readonly kind: "splat" };

/** The part of Terraform's expression language that stacks use; what else there is becomes `opaque`. */
export type Expression =
  | { readonly kind: "literal"; readonly value: Literal }
  | { readonly kind: "template"; readonly parts: readonly Expression[] }
  | { readonly kind: "traversal"; readonly root: string; readonly steps: readonly Step[] }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "object"; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "opaque"; readonly text: string };

/** A text is parsed as Terraform parses the strings of a JSON configuration: as a template. Never throws. */
export function parseTemplate(text: string): Expression {
  // Most texts are plain: no parser for them.
  if (!text.includes("${") && !text.includes("%{")) return { kind: "literal", value: text };
  try {
    const parser = new Parser(text);
    return parser.template(() => parser.done);
  } catch (error) {
    if (error instanceof NotUnderstood || error instanceof RangeError) return { kind: "opaque", text };
    throw error;
  }
}

class NotUnderstood extends Error {}

const SPACE = /[\s]/;
const NAME = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

class Parser {
  private at = 0;
  constructor(private readonly text: string) {}

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** Literal text and interpolations, up to `ends`; with escapes inside quotes. */
  template(ends: () => boolean, quoted = false): Expression {
    const parts: Expression[] = [];
    let plain = "";
    const flush = () => {
      if (plain !== "") parts.push({ kind: "literal", value: plain });
      plain = "";
    };
    while (!ends()) {
      if (this.done) throw new NotUnderstood();
      if (this.take("$${")) plain += "${";
      else if (this.take("%%{")) plain += "%{";
      else if (this.text.startsWith("%{", this.at)) throw new NotUnderstood();
      else if (this.take("${")) {
        flush();
        parts.push(this.expression());
        this.expect("}");
      } else if (quoted && this.take("\\")) plain += this.escape();
      else plain += this.text[this.at++]!;
    }
    flush();
    // A single interpolation is its value, not a text of it.
    if (parts.length === 1) return parts[0]!;
    return parts.length === 0 ? { kind: "literal", value: "" } : { kind: "template", parts };
  }

  private escape(): string {
    const found = ESCAPES[this.text[this.at] ?? ""];
    if (found === undefined) throw new NotUnderstood();
    this.at++;
    return found;
  }

  /** Operators and conditionals are beyond us: whoever wrote one gets UNPROVEN, not a guess. */
  private expression(): Expression {
    const term = this.postfix(this.primary());
    this.skip();
    return term;
  }

  private primary(): Expression {
    this.skip();
    if (this.take("(")) return this.closing(this.expression(), ")");
    if (this.take("[")) return { kind: "list", items: this.items("]") };
    if (this.take("{")) return { kind: "object", entries: this.entries() };
    if (this.take('"'))
      return this.closing(
        this.template(() => this.text[this.at] === '"', true),
        '"',
      );
    const number = this.match(NUMBER);
    if (number !== undefined) return { kind: "literal", value: Number(number) };
    const name = this.match(NAME);
    if (name === undefined) throw new NotUnderstood();
    if (name === "true" || name === "false") return { kind: "literal", value: name === "true" };
    if (name === "null") return { kind: "literal", value: null };
    if (name === "for") throw new NotUnderstood();
    return this.take("(")
      ? { kind: "call", name, args: this.items(")") }
      : { kind: "traversal", root: name, steps: [] };
  }

  private postfix(start: Expression): Expression {
    const steps: Step[] = [];
    for (;;) {
      if (this.take("[*]") || this.take(".*")) steps.push({ kind: "splat" });
      else if (this.take("[")) steps.push({ kind: "index", key: this.closing(this.expression(), "]") });
      else if (this.take(".")) {
        const name = this.match(NAME) ?? this.match(/\d+/y);
        if (name === undefined) throw new NotUnderstood();
        const index = /^\d/.test(name);
        steps.push(
          index ? { kind: "index", key: { kind: "literal", value: Number(name) } } : { kind: "attribute", name },
        );
      } else break;
    }
    if (steps.length === 0) return start;
    // Only a name may be followed; the rest would be a program.
    if (start.kind !== "traversal") throw new NotUnderstood();
    return { kind: "traversal", root: start.root, steps };
  }

  private items(end: string): Expression[] {
    const items: Expression[] = [];
    for (this.skip(); !this.take(end); this.skip()) {
      items.push(this.expression());
      if (!this.take(",")) {
        this.expect(end);
        break;
      }
    }
    return items;
  }

  private entries(): (readonly [Expression, Expression])[] {
    const entries: (readonly [Expression, Expression])[] = [];
    for (this.skip(); !this.take("}"); this.skip()) {
      const key = this.expression();
      if (!this.take("=") && !this.take(":")) throw new NotUnderstood();
      // A bare word is a key, not a name.
      const word = key.kind === "traversal" && key.steps.length === 0;
      entries.push([word ? { kind: "literal", value: key.root } : key, this.expression()]);
      if (!this.take(",") && !/[\n}]/.test(this.text[this.at] ?? "")) throw new NotUnderstood();
    }
    return entries;
  }

  private closing(expression: Expression, end: string): Expression {
    this.expect(end);
    return expression;
  }

  private skip(): void {
    while (SPACE.test(this.text[this.at] ?? "")) this.at++;
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw new NotUnderstood();
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

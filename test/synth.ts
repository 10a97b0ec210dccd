import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";

/** The attributes of one synthesized block, as Terraform will read them: snake_case, tokens as `${...}`. */
export type Attributes = Readonly<Record<string, unknown>>;

interface Document {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Attributes>>>>;
  readonly data?: unknown;
  readonly output?: Readonly<Record<string, Attributes>>;
}

/** What a synthesized stack says, and how a test finds it. */
export interface Synthesized {
  /** The whole cdk.tf.json. */
  readonly json: Document;
  /** Every resource of a type. */
  all(type: string): Attributes[];
  /** The one resource of a type. Throws if there are none or several. */
  one(type: string): Attributes;
  /** The resource at a construct path below the stack, for example `network/vpc`. Throws if there is none. */
  at(path: string): Attributes;
  /** The expression by which others refer to the resource at a construct path. */
  ref(path: string, attribute?: string): string;
}

const pathOf = (attributes: Attributes): string =>
  (attributes["//"] as { metadata?: { path?: string } } | undefined)?.metadata?.path ?? "";

/**
 * Synthesizes one stack the way `main.ts` does: `App.synth()`, so that validations and error annotations count (cdktf's
 * own `Testing.synth` skips them). The stack is called `stack` and has an AWS provider.
 */
export function synth(build: (stack: TerraformStack, app: App) => void, region = "eu-central-1"): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), "dmz-synth-"));
  try {
    const app = new App({ outdir, stackTraces: false });
    const stack = new TerraformStack(app, "stack");
    new AwsProvider(stack, "aws", { region });
    build(stack, app);
    app.synth();
    return read(JSON.parse(readFileSync(join(outdir, "stacks/stack/cdk.tf.json"), "utf8")) as Document);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function read(json: Document): Synthesized {
  const resources = Object.entries(json.resource ?? {}).flatMap(([type, byId]) =>
    Object.entries(byId).map(([id, attributes]) => ({ type, id, attributes, path: pathOf(attributes) })),
  );
  const find = (path: string) => {
    const found = resources.find((resource) => resource.path === `stack/${path}`);
    if (found) return found;
    throw new Error(`nothing at '${path}'; there are:\n${resources.map((resource) => resource.path).join("\n")}`);
  };
  const all = (type: string) => resources.filter((resource) => resource.type === type).map((found) => found.attributes);
  return {
    json,
    all,
    one: (type) => {
      const found = all(type);
      if (found.length === 1 && found[0]) return found[0];
      throw new Error(`expected one ${type}, found ${found.length}: ${found.map(pathOf).join(", ")}`);
    },
    at: (path) => find(path).attributes,
    ref: (path, attribute = "id") => `\${${find(path).type}.${find(path).id}.${attribute}}`,
  };
}

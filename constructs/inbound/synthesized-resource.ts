import type { TerraformStack } from "cdktf";
import { fault } from "./clause";
import { foreignProviders } from "./foreign-providers";
import { isBlock } from "./literal";

/** A resource as Terraform will read it: every override applied, what is unknown before apply as `${...}`. */
export interface SynthesizedResource {
  /** Terraform's type, for example `aws_security_group`. */
  readonly type: string;
  /** Terraform's name of it: others refer to it as `${<type>.<id>.<attribute>}`. */
  readonly id: string;
  /** Construct path, for error messages. */
  readonly path: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What stands in a stack's cdk.tf.json. */
export interface SynthesizedStack {
  readonly resources: readonly SynthesizedResource[];
  readonly dataSources: readonly SynthesizedResource[];
  /** What hands a value on under another name: locals, and the outputs that cdktf makes for other stacks. */
  readonly aliases: readonly SynthesizedResource[];
  /** Faults: blocks and providers that cannot be looked through here. */
  readonly unseen: readonly string[];
}

/** Reads a stack's final JSON, the only place where `addOverride` of resources and of the stack itself are all visible. */
export function synthesized(stack: TerraformStack): SynthesizedStack {
  const json = stack.toTerraform() as Readonly<Record<string, unknown>>;
  const unseen: string[] = [];
  /** Terraform's JSON takes a list of blocks wherever it takes one; cdktf writes none, so whoever does wants to hide. */
  const block = (where: string, value: unknown = {}): SynthesizedResource["attributes"] => {
    if (isBlock(value)) return value;
    unseen.push(fault(stack.node.path, where, "must be a single block", value, "write it without the list around it"));
    return {};
  };
  const named = (section: string): SynthesizedResource[] =>
    Object.entries(block(section, json[section])).flatMap(([type, byId]) =>
      Object.entries(block(`${section}.${type}`, byId)).map(([id, body]) => {
        const attributes = block(`${section}.${type}.${id}`, body);
        const prefix = section === "resource" ? "" : `${section}.`;
        return { type, id, path: pathOf(attributes) ?? `${stack.node.path}: ${prefix}${type}.${id}`, attributes };
      }),
    );
  const alias = (type: string, id: string, value: unknown): SynthesizedResource => ({
    type,
    id,
    path: `${stack.node.path}: ${type}.${id}`,
    attributes: { value },
  });
  const required = block("terraform.required_providers", block("terraform", json.terraform).required_providers);
  const providers = foreignProviders(stack.node.path, required);
  const modules = Object.keys(block("module", json.module)).map((name) => moduleFault(stack, name));
  return {
    resources: named("resource"),
    dataSources: named("data"),
    aliases: [
      ...Object.entries(block("locals", json.locals)).map(([id, value]) => alias("local", id, value)),
      ...Object.entries(block("output", json.output))
        .filter(([id]) => id.startsWith("cross-stack-output-"))
        .map(([id, value]) => alias("output", id, value)),
    ],
    // Last: the lines above fill the list.
    unseen: [...unseen, ...providers, ...modules],
  };
}

const moduleFault = (stack: TerraformStack, name: string): string =>
  fault(
    stack.node.path,
    "module",
    "must be absent, since what it opens cannot be seen here",
    name,
    "write its resources as constructs",
  );

const pathOf = (attributes: SynthesizedResource["attributes"]): string | undefined =>
  (attributes["//"] as { metadata?: { path?: string } } | undefined)?.metadata?.path;

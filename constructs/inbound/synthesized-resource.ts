import type { TerraformStack } from "cdktf";

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

interface Synthesized {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, SynthesizedResource["attributes"]>>>>;
  readonly module?: Readonly<Record<string, unknown>>;
  readonly locals?: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, SynthesizedResource["attributes"]>>;
}

/** What stands in a stack's cdk.tf.json. */
export interface SynthesizedStack {
  readonly resources: readonly SynthesizedResource[];
  /** What hands a value on under another name: locals, and the outputs that cdktf makes for other stacks. */
  readonly aliases: readonly SynthesizedResource[];
  /** Names of Terraform modules, whose resources are not seen here. */
  readonly modules: readonly string[];
}

/** Reads a stack's final JSON, the only place where `addOverride` of resources and of the stack itself are all visible. */
export function synthesized(stack: TerraformStack): SynthesizedStack {
  const json = stack.toTerraform() as Synthesized;
  return {
    resources: Object.entries(json.resource ?? {}).flatMap(([type, byId]) =>
      Object.entries(byId).map(([id, attributes]) => ({
        type,
        id,
        path: pathOf(attributes) ?? `${stack.node.path}: ${type}.${id}`,
        attributes,
      })),
    ),
    aliases: [
      ...Object.entries(json.locals ?? {}).map(([id, value]) => alias(stack, "local", id, { value })),
      ...Object.entries(json.output ?? {})
        .filter(([id]) => id.startsWith("cross-stack-output-"))
        .map(([id, attributes]) => alias(stack, "output", id, attributes)),
    ],
    modules: Object.keys(json.module ?? {}),
  };
}

const alias = (stack: TerraformStack, type: string, id: string, attributes: SynthesizedResource["attributes"]) => ({
  type,
  id,
  path: `${stack.node.path}: ${type}.${id}`,
  attributes,
});

const pathOf = (attributes: SynthesizedResource["attributes"]): string | undefined =>
  (attributes["//"] as { metadata?: { path?: string } } | undefined)?.metadata?.path;

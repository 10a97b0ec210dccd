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
}

/** What stands in a stack's cdk.tf.json. */
export interface SynthesizedStack {
  readonly resources: readonly SynthesizedResource[];
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
    modules: Object.keys(json.module ?? {}),
  };
}

const pathOf = (attributes: SynthesizedResource["attributes"]): string | undefined =>
  (attributes["//"] as { metadata?: { path?: string } } | undefined)?.metadata?.path;

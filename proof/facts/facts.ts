/** A value as it will be: literal, or standing for what another resource will have, or not known at all. */
export type Value = Literal | Reference | Template | Unknown | readonly Value[] | Block;
export type Literal = null | boolean | number | string;
export interface Block {
  readonly [attribute: string]: Value;
}

/** "What `aws_subnet.a` will have as its `id`": known only after apply, yet known whose it is. */
export class Reference {
  constructor(
    /** Address of the resource, with its index: `aws_subnet.a[0]`. */
    readonly address: string,
    /** `id`, or a path such as `dns_entry[0].dns_name`; empty: the resource as a whole. */
    readonly attribute: string,
  ) {}
}

/** A text with references in it, such as a policy document that names a key by its ARN. */
export class Template {
  constructor(
    /** In order; at least one is no string. */
    readonly parts: readonly (string | Reference | Unknown)[],
  ) {}
}

/** A value that nobody can tell before apply. Whatever depends on it is UNPROVEN. */
export class Unknown {
  constructor(
    /** `aws_lb.x: 'subnets'` */
    readonly place: string,
    /** Why it is not known, in plain words. */
    readonly reason: string,
  ) {}
}

/** One resource (or data source) of the plan, the synthesized stack or the state. */
export interface Resource {
  /** Unique in the facts: `module.a.aws_subnet.b["c"]`. */
  readonly address: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  /** Source address of its provider: `registry.terraform.io/hashicorp/aws`. */
  readonly provider: string;
  /** Which of its provider's configurations makes it, if not the default one: it may be of another region or account. */
  readonly alias?: string;
  /**
   * What is configured or already known. An attribute that is not there is not configured and the provider's to choose:
   * whoever reads it must know the provider's default. `null` and `""` are how providers write "not set".
   */
  readonly values: Block;
}

/** A value outside of the resources. */
export interface Place {
  /** `output.password`, `provider_config.aws` */
  readonly place: string;
  /** As it is written: texts may have expressions in them. */
  readonly value: Value;
  /** It was declared sensitive: Terraform hides it on screens, and writes it in clear. */
  readonly sensitive?: boolean;
}

/** Where the facts came from. */
export type FactSource = "plan" | "synth" | "state";

/** All that the properties may look at; nothing in it is written again. */
export interface Facts {
  readonly source: FactSource;
  readonly resources: readonly Resource[];
  readonly byAddress: ReadonlyMap<string, Resource>;
  /** What could not be read at all (a resource whose count is unknown, a module that is missing). */
  readonly unread: readonly Unknown[];
  /** What else a plan, stack or state says, with where: variables, outputs, locals, providers, what was there before. */
  readonly places: readonly Place[];
  /** What the plan will do with each resource that changes: for the review. Empty for synth and state. */
  readonly changes: ReadonlyMap<string, "create" | "update" | "replace" | "delete" | "read" | "no-op">;
}

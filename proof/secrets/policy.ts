import type { Step } from "../verdict";

export type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Whom a statement is about: `"*"`, or ARNs, account numbers and services as written. */
export interface Principals {
  readonly everybody: boolean;
  readonly aws: readonly string[];
  readonly services: readonly string[];
}

export interface PolicyStatement {
  /** `aws_kms_key.vault: 'policy' statement "BrokerReads"` */
  readonly at: string;
  readonly allows: boolean;
  /** Undefined in an identity's policy. */
  readonly principals?: Principals;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly resources: readonly string[];
  readonly notResources: readonly string[];
  readonly conditions: Conditions;
  /** What in it is not modelled; then it may say anything. */
  readonly odd?: string;
}

/** A policy document. `unread`: it, or a part of it, is not known. */
export interface Policy {
  readonly statements: readonly PolicyStatement[];
  readonly unread: readonly Step[];
}

import type { Step } from "../verdict";
import type { Asker } from "./decide";
import type { Policy } from "./policy";

/** A role or user that the plan declares. */
export interface Principal extends Asker {
  /** Address of the resource. */
  readonly address: string;
  readonly name: string;
  readonly identity: readonly Policy[];
  /** It has a permissions boundary, which takes rights away and is not read. */
  readonly bounded: boolean;
  /** Who may become it. A user has none. */
  readonly trust?: Policy;
}

export interface Key {
  readonly address: string;
  readonly arn: string;
  readonly policy: Policy;
  /** Who was given the use of it beside the policy. */
  readonly grants: readonly { readonly at: string; readonly grantee: string }[];
}

export interface Secret {
  readonly address: string;
  readonly arn: string;
  readonly name: string;
  readonly policy: Policy;
  /** Undefined: under the key that AWS manages, which every reader of the account may use. */
  readonly key: Key | Step | undefined;
}

/** Something that runs code under a role: whoever changes the code, or enters, acts as the role. */
export interface Runner {
  readonly address: string;
  /** What a policy may name for it: a task's cluster and the tasks in it, whose ids nobody knows before they run. */
  readonly arns: readonly string[];
  /** Beginnings of the ARNs of what belongs to it and is called as nobody knows: its versions and aliases, its tasks. */
  readonly below: readonly string[];
  /** Name of the role. */
  readonly role: string;
  /** Whoever invokes it is answered. */
  readonly isFunction: boolean;
  /** Calls that hand over its role to the caller. */
  readonly takenOverBy: readonly string[];
  readonly policy: Policy;
}

/** What a plan says about who may do what with secrets. */
export interface Account {
  readonly id: string;
  readonly region: string;
  readonly principals: readonly Principal[];
  readonly secrets: readonly Secret[];
  readonly keys: readonly Key[];
  readonly runners: readonly Runner[];
  /** ARNs of the plan's own managed policies: who writes one gives itself what it likes. */
  readonly managedPolicies: readonly string[];
  /** Whom policies name without the plan declaring them: other accounts, and principals of this one. */
  readonly outsiders: readonly string[];
  /** What could change an answer and is not modelled. */
  readonly unread: readonly Step[];
}

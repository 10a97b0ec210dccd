import { type Block, type Facts, Reference, type Resource, Template, Unknown, type Value } from "../facts/facts";
import type { Step } from "../verdict";
import type { Policy } from "./policy";
import { readPolicy } from "./read-policy";
import { anything, somethingElse } from "./unknown-part";

/** Whose the secrets are: what ARNs are made of that AWS fills in. */
export interface AccountId {
  readonly account: string;
  readonly region: string;
}

export const textOf = (value: Value | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
export const listOf = (value: Value | undefined): readonly Value[] =>
  Array.isArray(value) ? (value as readonly Value[]) : value === undefined || value === null ? [] : [value];
export const isSet = (value: Value | undefined): value is Value =>
  value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
export const isBlock = (value: Value): value is Block =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Reference) &&
  !(value instanceof Template) &&
  !(value instanceof Unknown);

/** Kinds of which every attribute may be, or hold, an ARN that policies speak of. */
const OURS = /^aws_(iam|kms|secretsmanager|lambda)_/;
/** What a resource of another kind is called by. */
const ITS_OWN = new Set(["arn", "id", "name", "bucket", "stream_arn"]);

/** What is attached to something and to what, by the types and attributes of Terraform. */
interface Attachment {
  readonly type: string;
  readonly attribute: string;
}

/** The facts of one account: what its resources are called, and what belongs to what. */
export class AccountFacts {
  readonly managed: readonly Resource[];
  /** What could change an answer and could not be read. */
  readonly unread: Step[] = [];
  readonly #placed = new Map<Resource, boolean>();

  constructor(
    readonly facts: Facts,
    readonly id: AccountId,
  ) {
    this.managed = facts.resources.filter(({ mode }) => mode === "managed");
  }

  ofType(...types: readonly string[]): readonly Resource[] {
    return this.managed.filter(({ type }) => types.includes(type));
  }

  /** Names are what AWS builds ARNs of; where it adds random characters, these stand for them. */
  arnOf(resource: Resource): string {
    const literal = textOf(resource.values["arn"]);
    if (literal !== undefined) return literal;
    const { account, region } = this.id;
    const name = this.named(resource);
    const path = textOf(resource.values["path"]) ?? "/";
    switch (resource.type) {
      case "aws_iam_role":
        return `arn:aws:iam::${account}:role${path}${name}`;
      case "aws_iam_user":
        return `arn:aws:iam::${account}:user${path}${name}`;
      case "aws_iam_policy":
        return `arn:aws:iam::${account}:policy${path}${name}`;
      case "aws_secretsmanager_secret":
        return `arn:aws:secretsmanager:${region}:${account}:secret:${name}-AbCdEf`;
      case "aws_kms_key":
        return `arn:aws:kms:${region}:${account}:key/${resource.address}`;
      case "aws_lambda_function":
        return `arn:aws:lambda:${region}:${account}:function:${name}`;
      case "aws_ecs_cluster":
        return `arn:aws:ecs:${region}:${account}:cluster/${name}`;
      default:
        return somethingElse(resource.address);
    }
  }

  /** Name of a resource; its address where AWS or a variable makes it. */
  named({ address, values }: Resource): string {
    const prefix = textOf(values["name_prefix"]);
    return (
      textOf(values["name"]) ?? textOf(values["function_name"]) ?? (prefix === undefined ? address : `${prefix}any`)
    );
  }

  /** What a policy will read where it refers to something. */
  nameOf({ address, attribute }: Reference): string {
    const resource = this.facts.byAddress.get(address);
    const text = `${address}.${attribute}`;
    if (resource === undefined) return anything(text);
    const { type, mode } = resource;
    if (mode === "data") {
      if (type === "aws_caller_identity" && ["account_id", "id"].includes(attribute)) return this.id.account;
      if (type === "aws_region" && ["name", "id"].includes(attribute)) return this.id.region;
      return type === "aws_partition" && ["partition", "id"].includes(attribute) ? "aws" : anything(text);
    }
    if (attribute === "arn" && this.arnOf(resource).startsWith("arn:")) return this.arnOf(resource);
    if (["name", "function_name"].includes(attribute) && OURS.test(type)) return this.named(resource);
    if (attribute === "id")
      switch (type) {
        case "aws_iam_role":
        case "aws_iam_user":
        case "aws_lambda_function":
          return this.named(resource);
        case "aws_kms_key":
          return address;
        case "aws_iam_policy":
        case "aws_secretsmanager_secret":
        case "aws_ecs_cluster":
          return this.arnOf(resource);
      }
    if (type === "aws_kms_key" && attribute === "key_id") return address;
    return type.startsWith("aws_") && !OURS.test(type) && ITS_OWN.has(attribute) ? somethingElse(text) : anything(text);
  }

  policyOf({ address, values }: Resource, attribute = "policy"): Policy {
    return this.policyIn(`${address}: '${attribute}'`, values[attribute]);
  }

  policyIn(place: string, value: Value | undefined): Policy {
    return readPolicy(place, value, (reference) => this.nameOf(reference));
  }

  /** Does this attribute mean that resource, by reference, name or ARN? */
  means(value: Value | undefined, resource: Resource): boolean | undefined {
    if (value instanceof Unknown || value instanceof Template) return undefined;
    if (value instanceof Reference) return value.address === resource.address;
    const text = textOf(value);
    if (text === undefined) return false;
    const names = ["id", "arn", "name", "function_name", "key_id"].map((name) => resource.values[name]);
    return names.includes(text) || text === this.arnOf(resource);
  }

  /** The resources of a type whose attribute means `owner`; what may or may not is noted. */
  attached({ type, attribute }: Attachment, owner: Resource): readonly Resource[] {
    return this.ofType(type).filter((resource) => {
      const answer = this.means(resource.values[attribute], owner);
      if (answer === undefined)
        this.unread.push({ at: `${resource.address}: '${attribute}'`, says: "is not known before apply" });
      this.#placed.set(resource, this.#placed.get(resource) === true || answer !== false);
      return answer === true;
    });
  }

  /**
   * What was asked for and belongs to nothing of the plan: somebody outside gets it, or something under another name.
   * @param isHarmless whatever it belongs to. @default nothing is
   */
  noteStrays(type: string, isHarmless: (resource: Resource) => boolean = () => false): void {
    for (const resource of this.ofType(type))
      if (this.#placed.get(resource) !== true && !isHarmless(resource))
        this.unread.push({ at: resource.address, says: "belongs to something that the plan does not have" });
  }

  /**
   * The one policy of a resource: its own attribute, or a resource beside it. Where there are several, nobody can tell
   * which was written last.
   */
  singlePolicy(owner: Resource, beside: Attachment): Resource {
    const separate = this.attached(beside, owner);
    const [only] = separate;
    if (only === undefined) return owner;
    const own = owner.values["policy"];
    if (separate.length > 1 || (isSet(own) && own !== only.values["policy"]))
      this.unread.push({ at: `${owner.address}: 'policy'`, says: "is written in two places" });
    return only;
  }
}

import { fault } from "./clause";
import { blocks, isBlock } from "./literal";
import type { SynthesizedResource } from "./synthesized-resource";

/** One thing that a security group lets in, whichever way it is written. */
export interface Admission {
  /** Expression of the group that lets in. */
  readonly group: unknown;
  readonly protocol: unknown;
  readonly from: unknown;
  readonly to: unknown;
  /** Address ranges and prefix lists. */
  readonly ranges: readonly (readonly [attribute: string, value: unknown])[];
  /** Expressions of the groups that come in. */
  readonly sources: readonly (readonly [attribute: string, value: unknown])[];
}

/** A rule that only Terraform can unfold is not looked through. */
function unreadable({ path, attributes }: SynthesizedResource): string | undefined {
  const rule = "must be written out";
  const fix = "write each rule as a resource of its own";
  if (attributes.dynamic !== undefined) return fault(path, "dynamic", rule, attributes.dynamic, fix);
  const { ingress } = attributes;
  return blocks(ingress).some((block) => !isBlock(block)) ? fault(path, "ingress", rule, ingress, fix) : undefined;
}

type Attributes = SynthesizedResource["attributes"];
type Reader = (resource: SynthesizedResource) => Admission[];

const each = (attributes: Attributes, ...names: string[]) =>
  names.flatMap((name) => blocks(attributes[name]).map((value) => [name, value] as const));

const inline: Reader = ({ type, id, attributes }) =>
  blocks(attributes.ingress).map((block) => {
    const rule = block as Attributes;
    const group = `\${${type}.${id}.id}`;
    return {
      group,
      protocol: rule.protocol,
      from: rule.from_port,
      to: rule.to_port,
      ranges: each(rule, "cidr_blocks", "prefix_list_ids"),
      sources: [...each(rule, "security_groups"), ...self(rule, group)],
    };
  });

/** `self` is a conduit of a zone to itself; anything but false counts. */
const self = (rule: Attributes, group: unknown) =>
  [undefined, null, false, "false"].includes(rule.self as undefined) ? [] : [["self", group] as const];

const READERS: Readonly<Record<string, Reader>> = {
  aws_security_group: inline,
  aws_default_security_group: inline,
  aws_security_group_rule: ({ attributes }) =>
    attributes.type === "egress"
      ? []
      : [
          {
            group: attributes.security_group_id,
            protocol: attributes.protocol,
            from: attributes.from_port,
            to: attributes.to_port,
            ranges: each(attributes, "cidr_blocks", "prefix_list_ids"),
            sources: [
              ...each(attributes, "source_security_group_id"),
              ...self(attributes, attributes.security_group_id),
            ],
          },
        ],
  aws_vpc_security_group_ingress_rule: ({ attributes }) => [
    {
      group: attributes.security_group_id,
      protocol: attributes.ip_protocol,
      from: attributes.from_port,
      to: attributes.to_port,
      ranges: each(attributes, "cidr_ipv4", "prefix_list_id"),
      sources: each(attributes, "referenced_security_group_id"),
    },
  ],
};

/** What a resource lets in, if it is one that lets something in; or, where that cannot be read, the fault. */
export function admissions(resource: SynthesizedResource): (Admission | string)[] {
  const read = READERS[resource.type];
  if (!read) return [];
  const unread = unreadable(resource);
  return unread === undefined ? read(resource) : [unread];
}

import { describe, expect, test } from "@jest/globals";
import { Reference, Template, Unknown } from "../../../proof/facts/facts";
import { readPlan } from "../../../proof/facts/read-plan";
import type { ReadReferences } from "../../../proof/facts/configured";

interface Part {
  readonly values?: object;
  readonly unknown?: object;
  readonly expressions?: object;
  readonly index?: number | string;
  readonly more?: object;
}

const AWS = "registry.terraform.io/hashicorp/aws";
const expression = (constant_value: unknown, ...references: string[]) => ({ constant_value, references });

/** A plan of resources in the root module. */
function facts(parts: Readonly<Record<string, Part>>, references: ReadReferences = "unknown", more: object = {}) {
  const addresses = Object.entries(parts).map(([base, part]) => ({
    base,
    part,
    address: part.index === undefined ? base : `${base}[${JSON.stringify(part.index)}]`,
  }));
  const plan = {
    format_version: "1.2",
    planned_values: {
      root_module: {
        resources: addresses.map(({ base, part, address }) => ({
          address,
          mode: "managed",
          type: base.split(".")[0],
          provider_name: AWS,
          values: part.values ?? {},
        })),
      },
    },
    resource_changes: addresses.map(({ part, address }) => ({
      address,
      change: { actions: ["create"], after_unknown: { id: true, ...part.unknown } },
    })),
    configuration: {
      root_module: {
        resources: addresses.map(({ base, part }) => ({
          address: base,
          expressions: part.expressions ?? {},
          ...part.more,
        })),
      },
    },
    ...more,
  };
  return readPlan(JSON.stringify(plan), { references });
}
const values = (read: ReturnType<typeof facts>, address: string) => read.byAddress.get(address)!.values;

describe("a plan", () => {
  const subnet = (vpc: object): Record<string, Part> => ({
    "aws_vpc.v": { values: { cidr_block: "10.0.0.0/16" } },
    "aws_subnet.s": { unknown: { vpc_id: true, arn: true }, expressions: { vpc_id: vpc } },
  });

  test("tells an unknown id by the reference in its configuration", () => {
    const read = values(facts(subnet(expression("${aws_vpc.v.id}", "aws_vpc.v.id", "aws_vpc.v"))), "aws_subnet.s");
    expect(read.vpc_id).toEqual(new Reference("aws_vpc.v", "id"));
    expect(read).not.toHaveProperty("arn");
  });

  test("does not take a function of a reference for the reference", () => {
    const read = values(
      facts(subnet(expression('${replace(aws_vpc.v.id, "/.*/", "vpc-0")}', "aws_vpc.v.id", "aws_vpc.v"))),
      "aws_subnet.s",
    );
    expect(read.vpc_id).toBeInstanceOf(Unknown);
  });

  test("in HCL is not guessed at, unless its references are trusted", () => {
    const hcl = { references: ["aws_vpc.v.id", "aws_vpc.v"] };
    expect(values(facts(subnet(hcl)), "aws_subnet.s").vpc_id).toBeInstanceOf(Unknown);
    expect(values(facts(subnet(hcl), "trusted"), "aws_subnet.s").vpc_id).toEqual(new Reference("aws_vpc.v", "id"));
  });

  test("keeps what stands in a list beside a reference", () => {
    const read = facts({
      "aws_security_group.g": {},
      "aws_network_interface.n": {
        unknown: { security_groups: true },
        expressions: {
          security_groups: expression(["${aws_security_group.g.id}", "sg-0123"], "aws_security_group.g.id"),
        },
      },
    });
    expect(values(read, "aws_network_interface.n").security_groups).toEqual([
      new Reference("aws_security_group.g", "id"),
      "sg-0123",
    ]);
  });

  test("finds the block of a set to which an unknown value belongs, in whatever order", () => {
    const block = (port: number, group: string) => ({ from_port: port, security_groups: [group] });
    const read = facts({
      "aws_security_group.a": {},
      "aws_security_group.b": {},
      "aws_security_group.g": {
        values: { ingress: [{ from_port: 2 }, { from_port: 1 }] },
        unknown: { ingress: [{ security_groups: true }, { security_groups: true }] },
        expressions: {
          ingress: expression(
            [block(1, "${aws_security_group.a.id}"), block(2, "${aws_security_group.b.id}")],
            "aws_security_group.a.id",
            "aws_security_group.b.id",
          ),
        },
      },
    });
    expect(values(read, "aws_security_group.g").ingress).toEqual([
      { from_port: 2, security_groups: [new Reference("aws_security_group.b", "id")] },
      { from_port: 1, security_groups: [new Reference("aws_security_group.a", "id")] },
    ]);
  });

  test("does not say which of two blocks an unknown value belongs to if both fit", () => {
    const read = facts({
      "aws_eip.a": {},
      "aws_eip.b": {},
      "aws_lb.l": {
        values: { subnet_mapping: [{ private_ipv4_address: "10.0.0.1" }, { private_ipv4_address: "10.0.0.2" }] },
        unknown: { subnet_mapping: [{ allocation_id: true }, { allocation_id: true }] },
        expressions: {
          subnet_mapping: [
            {
              allocation_id: expression("${aws_eip.a.id}", "aws_eip.a.id"),
              private_ipv4_address: expression("${f(1)}", "local.x"),
            },
            {
              allocation_id: expression("${aws_eip.b.id}", "aws_eip.b.id"),
              private_ipv4_address: expression("${f(2)}", "local.x"),
            },
          ],
        },
      },
    });
    const [first] = values(read, "aws_lb.l").subnet_mapping as { allocation_id: unknown }[];
    expect(first!.allocation_id).toBeInstanceOf(Unknown);
  });

  test("shows a dynamic block, which its configuration hides, as unknown", () => {
    const read = facts({
      "aws_security_group.g": {
        values: { ingress: [{ from_port: 1 }] },
        unknown: { ingress: [{ security_groups: true }] },
      },
    });
    const [block] = values(read, "aws_security_group.g").ingress as { security_groups: unknown }[];
    expect(block!.security_groups).toBeInstanceOf(Unknown);
  });

  test("knows what count.index and each.value stand for", () => {
    const read = facts({
      "aws_subnet.s": { index: 1 },
      "aws_instance.i": {
        index: 1,
        unknown: { subnet_id: true },
        expressions: { subnet_id: expression("${aws_subnet.s[count.index].id}", "aws_subnet.s", "count.index") },
      },
      "aws_eip.e": { index: "a" },
      "aws_nat_gateway.n": {
        index: "a",
        unknown: { allocation_id: true },
        expressions: { allocation_id: expression("${each.value.id}", "each.value.id") },
        more: { for_each_expression: expression("${aws_eip.e}", "aws_eip.e") },
      },
    });
    expect(values(read, "aws_instance.i[1]").subnet_id).toEqual(new Reference("aws_subnet.s[1]", "id"));
    expect(values(read, 'aws_nat_gateway.n["a"]').allocation_id).toEqual(new Reference('aws_eip.e["a"]', "id"));
  });

  test("keeps a policy with references in it as a text with references", () => {
    const read = facts({
      "aws_kms_key.k": {},
      "aws_iam_role_policy.p": {
        unknown: { policy: true },
        expressions: { policy: expression('{"Resource":"${aws_kms_key.k.arn}"}', "aws_kms_key.k.arn") },
      },
    });
    expect(values(read, "aws_iam_role_policy.p").policy).toEqual(
      new Template(['{"Resource":"', new Reference("aws_kms_key.k", "arn"), '"}']),
    );
  });

  test("takes an id that one of its resources already has for that resource", () => {
    const read = facts({
      "aws_vpc.v": { values: { id: "vpc-0123456789abcdef0" }, unknown: { id: false } },
      "aws_subnet.s": { values: { vpc_id: "vpc-0123456789abcdef0", tags: { note: "vpc-0123456789abcdef0 is ours" } } },
    });
    expect(values(read, "aws_subnet.s").vpc_id).toEqual(new Reference("aws_vpc.v", "id"));
    expect(values(read, "aws_subnet.s").tags).toEqual({ note: "vpc-0123456789abcdef0 is ours" });
  });

  test.each([
    [["create"], "create"],
    [["delete", "create"], "replace"],
    [["create", "delete"], "replace"],
    [["no-op"], "no-op"],
  ])("says that %j is %s", (actions, change) => {
    const more = { resource_changes: [{ address: "aws_vpc.v", change: { actions, after_unknown: {} } }] };
    expect(facts({ "aws_vpc.v": {} }, "unknown", more).changes.get("aws_vpc.v")).toBe(change);
  });

  test("does not take what becomes of a former instance for what becomes of the resource", () => {
    const change = (more: object) => ({ address: "aws_subnet.s", ...more });
    const read = facts(subnet(expression("${aws_vpc.v.id}", "aws_vpc.v.id", "aws_vpc.v")), "unknown", {
      resource_changes: [
        { address: "aws_vpc.v", change: { actions: ["create"], after_unknown: { id: true } } },
        change({ change: { actions: ["create"], after_unknown: { vpc_id: true } } }),
        change({ deposed: "0a1b2c3d", change: { actions: ["delete"], after: null, after_unknown: {} } }),
      ],
    });
    expect(values(read, "aws_subnet.s").vpc_id).toEqual(new Reference("aws_vpc.v", "id"));
    expect(read.changes.get("aws_subnet.s")).toBe("create");
  });

  test("does not trust a plan that says of a new resource nothing but what is known", () => {
    const left = { resource_changes: [] };
    expect(facts({ "aws_vpc.v": {} }, "unknown", left).unread).toHaveLength(1);
    const before = { address: "aws_vpc.v", mode: "managed", type: "aws_vpc", provider_name: AWS, values: {} };
    // Of a part of a stack, the rest is planned to stay as it is, without a word on its change.
    const prior_state = { values: { root_module: { resources: [before] } } };
    expect(facts({ "aws_vpc.v": {} }, "unknown", { ...left, prior_state }).unread).toEqual([]);
  });

  test("says which configuration of the provider makes a resource, if not the default one", () => {
    const read = facts({
      "aws_vpc.v": { more: { provider_config_key: "aws" } },
      "aws_vpc.w": { more: { provider_config_key: "module.a:aws.west" } },
    });
    expect(read.resources.map(({ alias }) => alias)).toEqual([undefined, "west"]);
  });

  test("does not pass over what is to be forgotten, or an unfinished plan, or another provider version", () => {
    const forgotten = { resource_changes: [{ address: "aws_vpc.v", change: { actions: ["forget"] } }] };
    expect(facts({}, "unknown", forgotten).unread).toHaveLength(1);
    expect(facts({}, "unknown", { complete: false }).unread).toHaveLength(1);
    expect(facts({ "aws_vpc.v": { values: { region: "eu-central-1" } } }).unread).toHaveLength(1);
  });
});

import { describe, expect, test } from "@jest/globals";
import { Reference } from "../../../proof/facts/facts";
import { readState } from "../../../proof/facts/read-state";

const attributes = {
  vpc: { id: "vpc-0123456789abcdef0" },
  subnet: { id: "subnet-0123456789abcdef0", vpc_id: "vpc-0123456789abcdef0" },
};
const provider = 'provider["registry.terraform.io/hashicorp/aws"]';

describe("a state", () => {
  test("as a file leads ids back to resources", () => {
    const facts = readState(
      JSON.stringify({
        version: 4,
        resources: [
          { mode: "managed", type: "aws_vpc", name: "v", provider, instances: [{ attributes: attributes.vpc }] },
          {
            module: "module.m",
            mode: "managed",
            type: "aws_subnet",
            name: "s",
            provider,
            instances: [{ index_key: "a", attributes: attributes.subnet }],
          },
        ],
      }),
    );
    expect(facts.byAddress.get('module.m.aws_subnet.s["a"]')!.values.vpc_id).toEqual(new Reference("aws_vpc.v", "id"));
    expect(facts.byAddress.get("aws_vpc.v")!.values.id).toBe("vpc-0123456789abcdef0");
    expect(facts.byAddress.get("aws_vpc.v")!.provider).toBe("registry.terraform.io/hashicorp/aws");
  });

  test("leads what a VPC made by itself, and AWS's lists of addresses, back to whoever has them", () => {
    const [acl, table, list] = ["acl-0123456789abcdef0", "rtb-0123456789abcdef0", "pl-0123456789abcdef0"];
    const all: Record<string, object> = {
      aws_vpc: {
        ...attributes.vpc,
        default_network_acl_id: acl,
        default_route_table_id: table,
        main_route_table_id: table,
      },
      aws_default_network_acl: { id: acl, default_network_acl_id: acl },
      aws_default_route_table: { id: table, default_route_table_id: table },
      aws_network_acl_rule: { network_acl_id: acl },
      aws_vpc_endpoint: { id: "vpce-0123456789abcdef0", prefix_list_id: list },
      aws_route: { route_table_id: table, destination_prefix_list_id: list },
    };
    const { byAddress } = readState(
      JSON.stringify({
        version: 4,
        resources: Object.entries(all).map(([type, values]) => ({
          ...{ mode: "managed", type, name: "x", provider },
          instances: [{ attributes: values }],
        })),
      }),
    );
    const value = (address: string, attribute: string) => byAddress.get(`${address}.x`)!.values[attribute];
    // What adopts is the VPC's; whoever names the id means what has adopted it.
    expect(value("aws_default_network_acl", "default_network_acl_id")).toEqual(
      new Reference("aws_vpc.x", "default_network_acl_id"),
    );
    expect(value("aws_default_route_table", "default_route_table_id")).toEqual(
      new Reference("aws_vpc.x", "default_route_table_id"),
    );
    expect(value("aws_network_acl_rule", "network_acl_id")).toEqual(new Reference("aws_default_network_acl.x", "id"));
    expect(value("aws_route", "route_table_id")).toEqual(new Reference("aws_default_route_table.x", "id"));
    expect(value("aws_route", "destination_prefix_list_id")).toEqual(
      new Reference("aws_vpc_endpoint.x", "prefix_list_id"),
    );
  });

  test("as Terraform shows it, child modules included", () => {
    const shown = (address: string, type: string, values: object) => ({
      address,
      mode: "managed",
      type,
      provider_name: "p",
      values,
    });
    const facts = readState(
      JSON.stringify({
        format_version: "1.0",
        values: {
          root_module: {
            resources: [shown("aws_vpc.v", "aws_vpc", attributes.vpc)],
            child_modules: [{ resources: [shown("module.m.aws_subnet.s", "aws_subnet", attributes.subnet)] }],
          },
        },
      }),
    );
    expect(facts.byAddress.get("module.m.aws_subnet.s")!.values.vpc_id).toEqual(new Reference("aws_vpc.v", "id"));
  });

  test("does not pass over an instance that is still to be destroyed", () => {
    const resources = [
      { mode: "managed", type: "aws_vpc", name: "v", provider, instances: [{ deposed: "abc", attributes: {} }] },
    ];
    expect(readState(JSON.stringify({ version: 4, resources })).unread).toHaveLength(1);
  });
});

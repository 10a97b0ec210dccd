import { describe, expect, test } from "@jest/globals";
import { Reference, Unknown } from "../../../proof/facts/facts";
import { readState } from "../../../proof/facts/read-state";

const attributes = {
  vpc: { id: "vpc-0123456789abcdef0" },
  subnet: { id: "subnet-0123456789abcdef0", vpc_id: "vpc-0123456789abcdef0" },
};
const provider = 'provider["registry.terraform.io/hashicorp/aws"]';

const stateOf = (resources: readonly (readonly [type: string, name: string, values: object])[]) =>
  readState(
    JSON.stringify({
      version: 4,
      resources: resources.map(([type, name, values]) => ({
        ...{ mode: "managed", type, name, provider },
        instances: [{ attributes: values }],
      })),
    }),
  );

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

  test("leads a machine's id back to it, whose kind has one letter", () => {
    const { byAddress } = stateOf([
      ["aws_instance", "broker", { id: "i-0123456789abcdef0" }],
      ["aws_lb_target_group_attachment", "mqtt", { target_id: "i-0123456789abcdef0" }],
    ]);
    expect(byAddress.get("aws_lb_target_group_attachment.mqtt")!.values.target_id).toEqual(
      new Reference("aws_instance.broker", "id"),
    );
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
    const { byAddress } = stateOf(Object.entries(all).map(([type, values]) => [type, "x", values]));
    const value = (address: string, attribute: string) => byAddress.get(`${address}.x`)!.values[attribute];
    // What adopts is the VPC's, and so is the id.
    const [ofAcl, ofTable] = ["default_network_acl_id", "default_route_table_id"].map(
      (attribute) => new Reference("aws_vpc.x", attribute),
    );
    expect(value("aws_default_network_acl", "default_network_acl_id")).toEqual(ofAcl);
    expect(value("aws_default_route_table", "default_route_table_id")).toEqual(ofTable);
    expect(value("aws_network_acl_rule", "network_acl_id")).toEqual(ofAcl);
    expect(value("aws_route", "route_table_id")).toEqual(ofTable);
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

  const secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:s-AbCdEf";
  const topic = "arn:aws:sns:eu-central-1:123456789012:t";
  const endpoint = "vpce-0123456789abcdef0";
  const SHARED: [string, string, [type: string, values: object], [type: string, values: object]][] = [
    [
      "a secret's policy",
      secret,
      ["aws_secretsmanager_secret", { id: secret, arn: secret }],
      ["aws_secretsmanager_secret_policy", { id: secret, secret_arn: secret }],
    ],
    [
      "a topic's policy",
      topic,
      ["aws_sns_topic", { id: topic, arn: topic }],
      ["aws_sns_topic_policy", { id: topic, arn: topic }],
    ],
    [
      "an endpoint's policy",
      endpoint,
      ["aws_vpc_endpoint", { id: endpoint }],
      ["aws_vpc_endpoint_policy", { id: endpoint, vpc_endpoint_id: endpoint }],
    ],
    [
      "a file system's backups",
      "fs-0123456789abcdef0",
      ["aws_efs_file_system", { id: "fs-0123456789abcdef0" }],
      ["aws_efs_backup_policy", { id: "fs-0123456789abcdef0", file_system_id: "fs-0123456789abcdef0" }],
    ],
    [
      "a bucket's policy",
      "logs-0123456789",
      ["aws_s3_bucket", { id: "logs-0123456789", bucket: "logs-0123456789" }],
      ["aws_s3_bucket_policy", { id: "logs-0123456789", bucket: "logs-0123456789" }],
    ],
  ];
  test.each(SHARED)(
    "leads an id to whose it is, in whichever order: not to %s",
    (_, id, [type, values], [partType, part]) => {
      const all = [
        [type, "x", values],
        [partType, "p", part],
        ["aws_any", "u", { of: [id] }],
      ] as const;
      for (const resources of [all, [...all].reverse()]) {
        const { byAddress } = stateOf(resources);
        expect(byAddress.get("aws_any.u")!.values.of).toEqual([new Reference(`${type}.x`, "id")]);
      }
    },
  );

  test("knows nobody's id of two that have the same", () => {
    const group = "sg-0123456789abcdef0";
    const { byAddress } = stateOf([
      ["aws_security_group", "a", { id: group }],
      ["aws_security_group", "b", { id: group }],
      ["aws_any", "u", { of: group }],
    ]);
    expect(byAddress.get("aws_any.u")!.values.of).toEqual(
      new Unknown("aws_any.u", `names '${group}', which is aws_security_group.a and aws_security_group.b`),
    );
    expect(byAddress.get("aws_security_group.a")!.values.id).toBe(group);
  });

  test("does not pass over an instance that is still to be destroyed", () => {
    const resources = [
      { mode: "managed", type: "aws_vpc", name: "v", provider, instances: [{ deposed: "abc", attributes: {} }] },
    ];
    expect(readState(JSON.stringify({ version: 4, resources })).unread).toHaveLength(1);
  });
});

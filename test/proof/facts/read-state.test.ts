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

import { describe, expect, test } from "@jest/globals";
import { readSynth } from "../../../proof/facts/read-synth";
import { looseEnds } from "../../../proof/network/loose-ends";

const ends = (resource: object) =>
  looseEnds(
    readSynth(JSON.stringify({ resource, data: { aws_vpc: { old: { id: "vpc-0123456789abcdef0" } } } }), "stack"),
  ).map(({ at, says }) => `${at} ${says}`);

describe("what is attached to something that is not managed here is doubted", () => {
  test.each<[string, unknown, string]>([
    ["that is only looked up", "${data.aws_vpc.old.id}", "is of data.aws_vpc.old, which is not managed here"],
    ["by its id", "vpc-0123456789abcdef9", "is 'vpc-0123456789abcdef9', which is not among what was read"],
    ["by a variable", "${var.vpc}", "'var.vpc' is set when it is planned"],
    ["by a text around it", "${data.aws_vpc.old.tags}-x", "is known only after apply"],
  ])("%s", (_, vpc, says) => {
    expect(ends({ aws_internet_gateway: { a: { vpc_id: vpc } } })).toEqual([
      `aws_internet_gateway.a: 'vpc_id' ${says}`,
    ]);
  });

  test("each of a list by itself", () => {
    const found = ends({
      aws_subnet: { a: {} },
      aws_network_acl: { a: { subnet_ids: ["${aws_subnet.a.id}", "subnet-0123456789abcdef0"] } },
    });
    expect(found).toEqual([expect.stringContaining("aws_network_acl.a: 'subnet_ids' is 'subnet-0123456789abcdef0'")]);
  });

  test("but not what is attached to what is managed, or to nothing", () => {
    const found = ends({
      aws_vpc: { a: { cidr_block: "10.0.0.0/16" } },
      aws_internet_gateway: { a: { vpc_id: "${aws_vpc.a.id}" }, b: {}, c: { vpc_id: null } },
      aws_eip: { a: { domain: "vpc", instance: "" } },
    });
    expect(found).toEqual([]);
  });
});

import { expect, test } from "@jest/globals";
import { Unknown } from "../../../proof/facts/facts";
import { readSynth } from "../../../proof/facts/read-synth";

const block = { cidr_block: "${local.range}", "//": "why" };
const plain = { terraform: {}, locals: { range: "10.0.0.0/16" }, resource: { aws_vpc: { v: block } } };

test.each([
  ["resource as a list", { ...plain, resource: [{ aws_vpc: { v: block } }] }],
  ["a type as a list", { ...plain, resource: { aws_vpc: [{ v: block }] } }],
  ["a body as a list", { ...plain, resource: { aws_vpc: { v: [block] } } }],
  ["one block each", { ...plain, resource: [{ aws_vpc: [{ v: block }] }, { "//": "more", aws_subnet: {} }] }],
  ["locals as a list", { ...plain, locals: [{ other: 1 }, { range: "10.0.0.0/16" }] }],
  ["providers as a list", { ...plain, provider: [{ aws: { region: "x" } }, { aws: [{ alias: "b" }] }] }],
  ["terraform as a list", { ...plain, terraform: [{ required_version: "1" }, { required_providers: [{ aws: {} }] }] }],
  ["comments", { ...plain, "//": "a comment", resource: { "//": "a comment", aws_vpc: { "//": 1, v: block } } }],
])("every form that Terraform reads says the same: %s", (_, document) => {
  const facts = readSynth(JSON.stringify(document));
  expect(facts.unread).toEqual([]);
  expect(facts.byAddress.get("aws_vpc.v")?.values).toEqual({ cidr_block: "10.0.0.0/16" });
});

test("what stands twice, in two blocks, is refused as Terraform refuses it", () => {
  const twice = { ...plain, resource: [{ aws_vpc: { v: block } }, { aws_vpc: { v: block } }] };
  expect(() => readSynth(JSON.stringify(twice))).toThrow(/'v' must be there once/);
});

test("a module in a list is still one that cannot be seen into", () => {
  const facts = readSynth(JSON.stringify({ ...plain, module: [{ m: { source: "./m" } }] }));
  expect(facts.unread.map(({ place }) => place)).toEqual(["module.m"]);
});

test("dynamic blocks in a list are no less unknown", () => {
  const group = { dynamic: [{ ingress: { for_each: ["x"], content: {} } }] };
  const facts = readSynth(JSON.stringify({ ...plain, resource: { aws_security_group: { g: group } } }));
  expect(facts.byAddress.get("aws_security_group.g")?.values["ingress"]).toBeInstanceOf(Unknown);
});

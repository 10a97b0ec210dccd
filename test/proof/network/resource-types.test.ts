import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { classifyType, typeEntries } from "../../../proof/network/classify-type";

const LIBRARY = join(dirname(require.resolve("@cdktf/provider-aws/package.json")), "lib");

/** Every managed resource type of the provider that we are bound to. */
const TYPES = readdirSync(LIBRARY, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith("data-"))
  .map(({ name }) => join(LIBRARY, name, "index.js"))
  .filter((file) => existsSync(file))
  .flatMap((file) => /tfResourceType = "(aws_\w+)"/.exec(readFileSync(file, "utf8"))?.[1] ?? []);

describe("the classes of resource types", () => {
  test("know every type of the provider", () => {
    expect(TYPES.length).toBeGreaterThan(1500);
    expect(TYPES.filter((type) => classifyType(type).kind === "unclassified")).toEqual([]);
  });

  test("name no type that the provider does not have", () => {
    const dead = typeEntries().filter((entry) =>
      entry.endsWith("*") ? !TYPES.some((type) => type.startsWith(entry.slice(0, -1))) : !TYPES.includes(entry),
    );
    expect(dead).toEqual([]);
  });

  test.each([
    ["aws_subnet", "modelled"],
    ["aws_iam_role", "harmless"],
    ["aws_lambda_function_url", "could-open"],
    ["aws_apigatewayv2_api", "could-open"],
    ["aws_autoscaling_group", "could-open"],
    ["aws_db_instance", "could-open"],
    ["aws_ec2_transit_gateway_peering_attachment", "could-open"],
    ["aws_globalaccelerator_accelerator", "could-open"],
    ["aws_something_new", "unclassified"],
    ["cloudflare_tunnel", "unclassified"],
    ["null_resource", "unclassified"],
    ["random_id", "harmless"],
  ])("take %s to be %s", (type, kind) => {
    expect(classifyType(type).kind).toBe(kind);
  });
});

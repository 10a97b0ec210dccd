import { describe, expect, test } from "@jest/globals";
import { bootstrapTargets } from "../../stacks/bootstrap-targets";
import { testSite } from "../site";

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

describe("bootstrapTargets", () => {
  test("two sites in one account and region share a bootstrap stack, in which both deployers may sign", () => {
    const b = testSite({ aws: { deployerRole: role("b") } });
    const a = testSite({ name: "mill", aws: { deployerRole: role("a") } });
    const target = { account: "123456789012", region: "eu-central-1", deployerRoles: [role("a"), role("b")] };
    expect(bootstrapTargets([b, a])).toEqual([target]);
    expect(bootstrapTargets([a, b])).toEqual([target]);
  });

  test("another region or account has its own", () => {
    const sites = [
      testSite(),
      testSite({ aws: { region: "eu-west-1" } }),
      testSite({ aws: { account: "210987654321" } }),
    ];
    expect(bootstrapTargets(sites).map(({ account, region }) => `${account} ${region}`)).toEqual([
      "123456789012 eu-central-1",
      "123456789012 eu-west-1",
      "210987654321 eu-central-1",
    ]);
  });

  test("no site needs no bootstrap", () => {
    expect(bootstrapTargets([])).toEqual([]);
  });
});

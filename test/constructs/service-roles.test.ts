import { describe, expect, test } from "@jest/globals";
import { ServiceRoles } from "../../constructs/service-roles";
import { testSite } from "../site";
import { synth } from "../synth";
import { statements } from "./statements";

const built = synth((stack) => new ServiceRoles(stack, "roles", { site: testSite() }));
const trust = (id: string) => statements(built.at(`roles/${id}`), "assume_role_policy");

describe("ServiceRoles", () => {
  test("gives each CA function, the broker and the broker's start a role of its own", () => {
    expect(
      built
        .all("aws_iam_role")
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      "plant-broker-execution",
      "plant-broker-task",
      "plant-ca-activate",
      "plant-ca-enrol",
      "plant-ca-initialise",
      "plant-ca-rotate",
    ]);
  });

  test.each(["initialise", "rotate", "enrol", "activate"])("Lambda alone runs as %s", (id) => {
    expect(trust(id)).toMatchObject([{ Effect: "Allow", principals: ["lambda.amazonaws.com"] }]);
  });

  test.each(["broker-task", "broker-execution"])("tasks of this account and region alone run as %s", (id) => {
    expect(trust(id)).toMatchObject([
      {
        principals: ["ecs-tasks.amazonaws.com"],
        Condition: {
          StringEquals: { "aws:SourceAccount": "123456789012" },
          ArnLike: { "aws:SourceArn": "arn:aws:ecs:eu-central-1:123456789012:*" },
        },
      },
    ]);
  });

  test("carries no permission of its own", () => {
    expect(built.all("aws_iam_role_policy")).toEqual([]);
    for (const role of built.all("aws_iam_role")) expect(role).not.toHaveProperty("managed_policy_arns");
  });
});

import { beforeAll, describe, expect, test } from "@jest/globals";
import { readSynth } from "../../../proof/facts/read-synth";
import { compareResources } from "../../../proof/review/compare-resources";
import riverside from "../../../sites/riverside";
import { SiteStack } from "../../../stacks/site-stack";
import { type Document, synthesize } from "../../stacks/synthesize";

let text: string;
beforeAll(() => {
  text = synthesize((app) => new SiteStack(app, "site", riverside));
});

/** The changes between the sample site and what `edit` makes of it. */
const after = (edit: (resource: Record<string, Record<string, Record<string, unknown>>>) => void) => {
  const document = JSON.parse(text) as Document;
  edit(document.resource as Record<string, Record<string, Record<string, unknown>>>);
  return compareResources(readSynth(text), readSynth(JSON.stringify(document)));
};

describe("the comparison of two stacks", () => {
  test("is silent about equal ones", () => {
    expect(after(() => undefined)).toEqual([]);
  });

  test("puts first what would destroy data, and says what is lost", () => {
    const changes = after((resource) => {
      Object.values(resource.aws_ecs_service!)[0]!.desired_count = 3;
      Object.values(resource.aws_efs_file_system!)[0]!.performance_mode = "maxIO";
      resource.aws_sqs_queue = { new: { name: "new" } };
    });
    expect(changes.map(({ type, change }) => [type, change])).toEqual([
      ["aws_efs_access_point", "replaced"],
      ["aws_efs_file_system", "replaced"],
      ["aws_efs_mount_target", "replaced"],
      ["aws_efs_mount_target", "replaced"],
      ["aws_ecs_service", "changed"],
      ["aws_sqs_queue", "added"],
    ]);
    expect(changes[1]).toMatchObject({ attributes: ["performance_mode"], atRisk: "messages" });
  });

  test("tells what follows the replacement of another", () => {
    const replaced = after((resource) => void (Object.values(resource.aws_vpc!)[0]!.cidr_block = "10.9.0.0/20"))
      .filter(({ change }) => change === "replaced")
      .map(({ type }) => type);
    expect(new Set(replaced)).toEqual(
      new Set([
        "aws_vpc",
        "aws_subnet",
        "aws_security_group",
        "aws_route_table",
        "aws_network_acl",
        "aws_vpc_endpoint",
        "aws_efs_mount_target",
        "aws_flow_log",
        "aws_lb_target_group",
      ]),
    );
  });

  test("takes a renamed resource for one that goes and one that comes", () => {
    const changes = after((resource) => {
      const [[, key], ...others] = Object.entries(resource.aws_kms_key!) as [[string, Record<string, unknown>]];
      resource.aws_kms_key = { ...Object.fromEntries(others), renamed: key };
    }).filter(({ type }) => type === "aws_kms_key");
    expect(changes).toMatchObject([
      { change: "removed", atRisk: "a key, and with it all that it encrypts" },
      { change: "added", address: "aws_kms_key.renamed" },
    ]);
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { monthlyCost } from "../../../proof/cost/monthly-cost";
import { readSynth } from "../../../proof/facts/read-synth";
import riverside from "../../../sites/riverside";
import { SiteStack } from "../../../stacks/site-stack";
import { type Document, synthesize } from "../../stacks/synthesize";

const synthesized = (): Document => JSON.parse(synthesize((app) => new SiteStack(app, "site", riverside))) as Document;
const costOf = (document: Document) => monthlyCost(readSynth(JSON.stringify(document)));

describe("the monthly cost of a stack", () => {
  test("prices every resource of the sample site", () => {
    expect(costOf(synthesized()).unpriced).toEqual([]);
  });

  test("says what docs/cost.md says of endpoints, tasks, load balancer, addresses and keys", () => {
    const text = readFileSync(join(__dirname, "../../../docs/cost.md"), "utf8");
    const { byType } = costOf(synthesized());
    for (const type of ["aws_vpc_endpoint", "aws_ecs_service", "aws_lb", "aws_eip", "aws_kms_key"]) {
      const [, written] = text.match(new RegExp(`^\\| \`${type}\`.*\\| ([\\d.]+)(?: to [\\d.]+)? \\|$`, "m")) ?? [];
      expect([type, byType.get(type)?.toFixed(2)]).toEqual([type, written]);
    }
  });

  test("leaves out of the sum, and names, what it has no price for", () => {
    const document = synthesized();
    const before = costOf(document);
    const after = costOf({ ...document, resource: { ...document.resource, aws_msk_cluster: { kafka: {} } } });
    expect(after.unpriced).toEqual(["aws_msk_cluster.kafka"]);
    expect(after.usd).toBe(before.usd);
  });

  test("follows the number and the size of the tasks", () => {
    const document = synthesized();
    const [definition] = Object.values(document.resource["aws_ecs_task_definition"]!) as { cpu: string }[];
    definition!.cpu = "1024";
    const more = costOf(document).byType.get("aws_ecs_service")! - costOf(synthesized()).byType.get("aws_ecs_service")!;
    expect(more).toBeCloseTo(2 * 730 * 0.5 * 0.04656);
  });
});

import { functionName } from "../../policy/deployment";
import type { Site } from "../../policy/site";
import type { AwsApi } from "./aws-api";
import type { AwsProxy } from "./aws-proxy";
import { expect } from "./expect";
import type { DeployedBroker } from "./fargate";
import { forbiddenCalls } from "./iam-forbidden";
import { neededCalls, type RoleNames } from "./iam-needed";
import { readPolicies } from "./iam-policies";
import { sentence } from "./iam-question";
import { ADMINISTRATOR, IamSimulation } from "./iam-simulation";
import { unusedPermissions } from "./iam-unused";
import { CA_FUNCTIONS } from "./principals";
import type { Scenario } from "./scenario";

export interface IamCheckProps {
  readonly scenario: Scenario;
  readonly site: Site;
  readonly aws: AwsApi;
  readonly proxy: AwsProxy;
  readonly deployed: DeployedBroker;
}

/** Holds the recorded calls to the deployed policies: all needed ones allowed, forbidden ones refused, nothing unused. */
export async function checkIam({ scenario, site, aws, proxy, deployed }: IamCheckProps): Promise<void> {
  const policies = await readPolicies(aws, `${site.name}-`);
  const nameOf = (arn: string): string => arn.split("/").at(-1)!;
  const functions = new Map<string, string>();
  for (const name of CA_FUNCTIONS) {
    const answer = await aws.rest(
      "lambda",
      "GET",
      `/2015-03-31/functions/${functionName[name](site.name)}/configuration`,
    );
    functions.set(name, nameOf((JSON.parse(answer) as { Role: string }).Role));
  }
  const roles: RoleNames = {
    broker: nameOf(deployed.taskRole),
    execution: nameOf(deployed.executionRole),
    functions: (name) => functions.get(name)!,
  };
  const { AccessPoints } = JSON.parse(await aws.rest("elasticfilesystem", "GET", "/2015-02-01/access-points")) as {
    AccessPoints: { AccessPointArn: string; FileSystemId: string }[];
  };
  const point = AccessPoints[0]!;
  const fileSystem = {
    arn: [...policies.resources.keys()].find((arn) => arn.endsWith(point.FileSystemId))!,
    accessPoint: point.AccessPointArn,
  };
  // Terraform's role is the user's: what it may do by itself is everything that the keys leave to it.
  const deployer = nameOf(site.aws.deployerRole);
  const administrator = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
  } as const;
  const simulation = new IamSimulation(site.aws.account, {
    ...policies,
    roles: new Map(policies.roles).set(deployer, new Map([["everything", administrator]])),
  });
  const needed = neededCalls(proxy.calls, site, policies, roles, fileSystem);

  await scenario.check(
    "every call of the broker, the functions and Fargate is allowed by the deployed policies",
    async () => {
      const refused = [];
      for (const question of needed) if (!(await simulation.allows(question))) refused.push(sentence(question));
      scenario.say(
        `  ${needed.length} different calls, of which ${needed.filter(({ why }) => why === "recorded").length} recorded`,
      );
      expect(refused.length === 0, `refused:\n${refused.join("\n")}`);
      const unknown = proxy.calls
        .filter(({ principal }) => principal === "unknown")
        .map(({ service, action }) => `${service} ${action}`);
      expect(unknown.length === 0, `calls of nobody we know: ${[...new Set(unknown)].join(", ")}`);
    },
  );
  await scenario.check("every forbidden call is refused by the deployed policies", async () => {
    const forbidden = forbiddenCalls(site, policies, roles, fileSystem);
    const allowed = [];
    for (const question of forbidden)
      if (await simulation.allows(question)) allowed.push(`${sentence(question)} (${question.why})`);
    scenario.say(`  ${forbidden.length} forbidden calls`);
    expect(allowed.length === 0, `allowed:\n${allowed.join("\n")}`);
    // The simulation must be able to say yes to the same principals.
    const key = [...policies.keyOfSecret.values()][0]!;
    const control = { role: ADMINISTRATOR, action: "kms:DescribeKey", resource: key, context: {}, why: "control" };
    expect(await simulation.allows(control), "the administrator may not even describe a key: the check proves nothing");
  });
  await scenario.check("no permission of a runtime role is unused", async () => {
    const runtime = new Set([roles.broker, roles.execution, ...CA_FUNCTIONS.map(roles.functions)]);
    const unused = await unusedPermissions(simulation, needed, runtime);
    expect(unused.length === 0, `unused:\n${unused.join("\n")}`);
  });
}

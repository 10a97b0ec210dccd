import { runSimulation } from "@cloud-copilot/iam-simulate";
import type { DeployedPolicies, Policy } from "./iam-policies";
import { sentence, type IamQuestion } from "./iam-question";

/** Somebody who may do everything as far as identity policies go: what resource policies refuse then is refused to all. */
export const ADMINISTRATOR = "administrator";
const EVERYTHING: Policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };

/**
 * The library drops `kms:EncryptionContext:<key>` from a request, since its catalogue spells that key as a placeholder.
 * Under a name that it knows, of the same type, and the same in policy and request, it decides just as well.
 */
const KNOWN_KEYS: Readonly<Record<string, string>> = {
  "kms:EncryptionContext:SecretARN": "aws:SourceArn",
  "kms:EncryptionContext:SecretVersionId": "aws:SourceVpce",
};
const known = <T>(value: T): T =>
  JSON.parse(
    Object.entries(KNOWN_KEYS).reduce(
      (text, [key, name]) => text.replaceAll(`"${key}"`, `"${name}"`),
      JSON.stringify(value),
    ),
  ) as T;

/** Answers questions by the policies that are deployed, with an implementation of IAM's evaluation. */
export class IamSimulation {
  constructor(
    private readonly account: string,
    readonly policies: DeployedPolicies,
  ) {}

  /**
   * @returns whether identity, resource and VPC endpoint policies together allow it.
   * @throws when the question or a policy is not understood: that is no answer.
   */
  async allows(question: IamQuestion, policies: DeployedPolicies = this.policies): Promise<boolean> {
    const { role, action, resource, context, endpoint } = question;
    const service = /^[a-z0-9.-]+\.amazonaws\.com$/.test(role);
    const own = role === ADMINISTRATOR ? new Map([["everything", EVERYTHING]]) : policies.roles.get(role);
    if (!own && !service) throw new Error(`there is no role ${role}`);
    const resourcePolicy = policies.resources.get(resource);
    const passes = endpoint === undefined ? undefined : policies.endpoints.get(endpoint);
    if (endpoint !== undefined && !passes) throw new Error(`there is no endpoint for ${endpoint}`);
    const answer = await runSimulation(
      {
        request: {
          principal: service ? role : `arn:aws:sts::${this.account}:assumed-role/${role}/session`,
          action,
          resource: { resource, accountId: this.account },
          contextVariables: {
            "aws:PrincipalAccount": this.account,
            "aws:SecureTransport": "true",
            "aws:PrincipalArn": `arn:aws:iam::${this.account}:role/${role}`,
            ...(known(context) as Record<string, string | string[]>),
          },
        },
        identityPolicies: [...(own ?? [])].map(([name, policy]) => ({ name, policy })),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        ...(resourcePolicy === undefined ? {} : { resourcePolicy: known(resourcePolicy) }),
        ...(passes === undefined ? {} : { vpcEndpointPolicies: [{ name: endpoint!, policy: passes }] }),
      },
      {},
    );
    if (answer.resultType === "error") throw new Error(`${sentence(question)}: ${JSON.stringify(answer.errors)}`);
    return answer.overallResult === "Allowed";
  }
}

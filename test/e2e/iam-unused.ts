import type { DeployedPolicies, Policy, PolicyStatement } from "./iam-policies";
import type { IamQuestion } from "./iam-question";
import type { IamSimulation } from "./iam-simulation";

/** One permission: an action of a statement on a resource of it. */
interface Part {
  readonly sid: string;
  readonly what: string;
  readonly without: PolicyStatement | undefined;
}

/** A statement's parts: each action, and each resource, by itself; what is left without it. */
function parts(statement: PolicyStatement): Part[] {
  const sid = statement.Sid ?? "(no Sid)";
  return (["Action", "Resource"] as const).flatMap((field) => {
    const values = [statement[field] ?? []].flat();
    return values.map((value) => {
      const rest = values.filter((other) => other !== value);
      return { sid, what: `${field} ${value}`, without: rest.length > 0 ? { ...statement, [field]: rest } : undefined };
    });
  });
}

const replace = (policy: Policy, index: number, statement: PolicyStatement | undefined): Policy => ({
  ...policy,
  Statement: policy.Statement.flatMap((other, position) => (position === index ? (statement ?? []) : other)),
});

/**
 * A file system's policy grants again what the broker's role grants, and denies
 * everybody else: a role's grant counts as used when a call needs it, whether or not a resource's policy would have sufficed.
 */
function withoutDoubleGrants(policies: DeployedPolicies): DeployedPolicies {
  const resources = [...policies.resources].flatMap(([arn, policy]): [string, Policy][] => {
    if (arn.includes(":key/")) return [[arn, policy]];
    const Statement = policy.Statement.filter(({ Effect }) => Effect === "Deny");
    return Statement.length > 0 ? [[arn, { ...policy, Statement }]] : [];
  });
  return { ...policies, resources: new Map(resources) };
}

/**
 * Every action and resource of the runtime roles' policies, and every action of a key policy's statement for one of
 * them, that could be taken away without any needed call being refused.
 */
export async function unusedPermissions(
  simulation: IamSimulation,
  needed: readonly IamQuestion[],
  roles: ReadonlySet<string>,
): Promise<string[]> {
  const policies = withoutDoubleGrants(simulation.policies);
  const stillAllowed = async (changed: DeployedPolicies, asked: readonly IamQuestion[]): Promise<boolean> => {
    for (const question of asked) if (!(await simulation.allows(question, changed))) return false;
    return true;
  };
  const unused: string[] = [];
  for (const role of roles) {
    const own = policies.roles.get(role)!;
    const asked = needed.filter((question) => question.role === role);
    for (const [name, policy] of own) {
      for (const [index, statement] of policy.Statement.entries()) {
        if (statement.Effect !== "Allow") continue;
        for (const { sid, what, without } of parts(statement)) {
          const changed = new Map(own).set(name, replace(policy, index, without));
          if (await stillAllowed({ ...policies, roles: new Map(policies.roles).set(role, changed) }, asked))
            unused.push(`role ${role}, ${sid}: ${what}`);
        }
      }
    }
  }
  for (const [arn, policy] of policies.resources) {
    if (!arn.includes(":key/")) continue;
    for (const [index, statement] of policy.Statement.entries()) {
      const principal = JSON.stringify(statement.Principal);
      const role = [...roles].find((candidate) => principal.includes(`:role/${candidate}"`));
      if (role === undefined || statement.Effect !== "Allow") continue;
      const asked = needed.filter((question) => question.role === role && question.resource === arn);
      for (const { sid, what, without } of parts(statement).filter((part) => part.what.startsWith("Action"))) {
        const resources = new Map(policies.resources).set(arn, replace(policy, index, without));
        if (await stillAllowed({ ...policies, resources }, asked)) unused.push(`key ${arn}, ${sid}: ${what}`);
      }
    }
  }
  return unused;
}

import { Reference, type Resource, Template, Unknown, type Value } from "../facts/facts";
import type { Runner } from "./account";
import { type AccountFacts, isSet, textOf } from "./account-facts";
import type { Policy, PolicyStatement } from "./policy";

const NO_POLICY: Policy = { statements: [], unread: [] };

/** Calls that only let a function run; what matters is who is answered, and AWS's services keep no answers. */
const INVOKES = new Set(["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"]);
const isService = (principal: Value | undefined): boolean =>
  typeof principal === "string" && principal.endsWith(".amazonaws.com");

const roleNamed = (account: AccountFacts, value: Value | undefined, at: string): string => {
  const role = account.ofType("aws_iam_role").find((each) => account.means(value, each) === true);
  if (role !== undefined) return account.named(role);
  if (value instanceof Unknown || value instanceof Template || value instanceof Reference)
    account.unread.push({ at, says: "its role is not known before apply, or not in the plan" });
  return typeof value === "string" ? (value.split("/").at(-1) ?? value) : "";
};

/** What a permission says, as a statement of the function's policy. Its conditions only take away. */
const permitted = (account: AccountFacts, { address, values }: Resource): readonly PolicyStatement[] => {
  const [action, whom] = [values["action"], values["principal"]];
  const principal = whom instanceof Reference ? account.nameOf(whom) : whom;
  if (typeof action !== "string" || typeof principal !== "string") {
    account.unread.push({ at: address, says: "whom it lets do what is not known before apply" });
    return [];
  }
  const statement = {
    Effect: "Allow",
    Principal: principal === "*" ? "*" : { [isService(principal) ? "Service" : "AWS"]: principal },
    Action: action,
    Resource: "*",
  };
  return account.policyIn(address, JSON.stringify({ Statement: statement })).statements;
};

const functions = (account: AccountFacts): readonly Runner[] =>
  account.ofType("aws_lambda_function").map((resource) => ({
    address: resource.address,
    // A right on its versions is one of its own (Lambda Developer Guide, "Using qualified ARNs").
    arns: [account.arnOf(resource), `${account.arnOf(resource)}:$LATEST`],
    below: [`${account.arnOf(resource)}:`],
    role: roleNamed(account, resource.values["role"], resource.address),
    isFunction: true,
    // Whoever writes permissions gives himself the other two.
    takenOverBy: ["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:AddPermission"],
    policy: {
      statements: account
        .attached({ type: "aws_lambda_permission", attribute: "function_name" }, resource)
        .flatMap((permission) => permitted(account, permission)),
      unread: [],
    },
  }));

const tasks = (account: AccountFacts): readonly Runner[] => {
  const { region, account: id } = account.id;
  const clusters = account.ofType("aws_ecs_cluster").map(({ values }) => textOf(values["name"]) ?? "any");
  const arns = [...clusters, "any"].flatMap((cluster) =>
    [`cluster/${cluster}`, `task/${cluster}/any`].map((name) => `arn:aws:ecs:${region}:${id}:${name}`),
  );
  const below = [...clusters, "any"].map((cluster) => `arn:aws:ecs:${region}:${id}:task/${cluster}/`);
  return account.ofType("aws_ecs_task_definition").flatMap(({ address, values }) =>
    ["task_role_arn", "execution_role_arn"]
      .filter((attribute) => isSet(values[attribute]))
      .map((attribute) => ({
        address,
        arns,
        below,
        role: roleNamed(account, values[attribute], `${address}: '${attribute}'`),
        isFunction: false,
        // Amazon ECS Developer Guide, "Limiting access to the Start Session action": the second does without the first.
        takenOverBy: ["ecs:ExecuteCommand", "ssm:StartSession"],
        policy: NO_POLICY,
      })),
  );
};

/** Whatever in a plan runs code under a role. */
export const readRunners = (account: AccountFacts): readonly Runner[] => {
  const runners = [...functions(account), ...tasks(account)];
  const names = account.ofType("aws_lambda_function").map((each) => account.named(each));
  // A function has many names: an alias's, a version's, a part of its ARN.
  const isAnothers = (name: Value | undefined): boolean =>
    typeof name === "string" && !names.some((own) => name.includes(own));
  const harmless = ({ values: { action, principal, function_name: name } }: Resource) =>
    typeof action === "string" && INVOKES.has(action) && isService(principal) && isAnothers(name);
  account.noteStrays("aws_lambda_permission", harmless);
  return runners;
};

import { expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { proveProperties } from "../../../proof/prove-properties";
import { secretsProperties } from "../../../proof/secrets/secrets-properties";
import { add, allow, changedStack, edit, find, secretsOf, type Stack } from "../secrets/riverside";

const READERS = "secrets-have-only-their-declared-readers";
const ROOT = "account-root-decrypts-nothing";
const VALUES = "no-secret-value-in-plan-or-state";
const CA = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:riverside/ca-??????";
const ENROL = "arn:aws:iam::123456789012:role/riverside-ca-enrol";

interface Mutation {
  readonly title: string;
  readonly change: (stack: Stack) => void;
  readonly breaks: string;
  readonly source: string;
  readonly target: string;
  readonly shows: string;
}

const vaultKey = (stack: Stack) => find(stack, "aws_kms_key", "vault");
const caSecret = (stack: Stack) => find(stack, "aws_secretsmanager_secret", "credentials_certificate-authority");

/** A role that nobody declared, which code of one's own may run under. */
const stranger = (stack: Stack, trust: unknown, policy: unknown): void => {
  add(stack, "aws_iam_role", "debugger", {
    name: "riverside-debugger",
    assume_role_policy: JSON.stringify({ Statement: { Effect: "Allow", Principal: trust, Action: "sts:AssumeRole" } }),
  });
  add(stack, "aws_iam_role_policy", "debugger", {
    name: "debugger",
    role: "${aws_iam_role.debugger.name}",
    policy: JSON.stringify({ Statement: policy }),
  });
};
const SERVICE = { Service: "lambda.amazonaws.com" };

/** Who reads the CA's secret also has to be let in by its policy and its key. */
const admit = (stack: Stack, arn: string): void => {
  edit(caSecret(stack), "policy", ({ Statement }) => {
    const condition = Statement[0]!["Condition"] as { ArnNotEquals: { "aws:PrincipalArn": string[] } };
    condition.ArnNotEquals["aws:PrincipalArn"].push(arn);
  });
  edit(vaultKey(stack), "policy", ({ Statement }) =>
    Statement.push({ Sid: "Admitted", Effect: "Allow", Principal: { AWS: arn }, Action: "kms:Decrypt", Resource: "*" }),
  );
};

/** Lets somebody invoke the enrolling function. */
const invokable = (stack: Stack, principal: string, name?: string): void => {
  const [id] = Object.keys(stack.resource["aws_lambda_function"]!).filter((each) => each.includes("_enrol_"));
  add(stack, "aws_lambda_permission", "invoke", {
    function_name: name ?? `\${aws_lambda_function.${id}.function_name}`,
    action: "lambda:InvokeFunction",
    principal,
  });
};

const MUTATIONS: readonly Mutation[] = [
  {
    title: "the broker may invoke the enrolling function, which hands out any identity's credential",
    change: (stack) =>
      allow(stack, "broker_task", "lambda:InvokeFunction", "arn:aws:lambda:eu-central-1:123456789012:function:*-enrol"),
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: "lambda:InvokeFunction",
  },
  ...(
    [
      ["lambda:InvokeFunction", "its versions and aliases", ":*"],
      ["lambda:InvokeFunction", "one alias", ":live"],
      ["lambda:InvokeFunctionUrl", "its address", ""],
    ] as const
  ).map(([action, what, suffix]) => ({
    title: `the broker may call ${action} on the enrolling function, by ${what}`,
    change: (stack: Stack) =>
      allow(stack, "broker_task", action, `arn:aws:lambda:*:123456789012:function:riverside-ca-enrol${suffix}`),
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: action,
  })),
  {
    title: "Terraform invokes the enrolling function and keeps its answer",
    change: (stack) =>
      add(stack, "aws_lambda_invocation", "first", { function_name: "riverside-ca-enrol", input: '{"name":"x"}' }),
    breaks: VALUES,
    source: "everybody who reads the plan or the state",
    target: "aws_lambda_invocation.first",
    shows: "leaves in the state what the function hands out",
  },
  {
    title: "another account may invoke the enrolling function",
    change: (stack) => invokable(stack, "210987654321"),
    breaks: READERS,
    source: "anybody of the account 210987654321",
    target: "secret riverside/ca",
    shows: "uses the secret for whoever invokes it",
  },
  {
    title: "everybody may invoke the enrolling function",
    change: (stack) => invokable(stack, "*"),
    breaks: READERS,
    source: "anybody",
    target: "secret riverside/ca",
    shows: "uses the secret for whoever invokes it",
  },
  {
    title: "the broker may read the CA, and the CA's secret and key let it",
    change: (stack) => {
      allow(stack, "broker_task", "secretsmanager:GetSecretValue", CA);
      admit(stack, "${aws_iam_role.service-roles_broker-task_0261D645.arn}");
    },
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: "secretsmanager:GetSecretValue",
  },
  {
    title: "the broker may assume the enrolling role, which trusts the account",
    change: (stack) => {
      allow(stack, "broker_task", "sts:AssumeRole", ENROL);
      edit(find(stack, "aws_iam_role", "service-roles_enrol"), "assume_role_policy", ({ Statement }) =>
        Statement.push({
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::123456789012:root" },
          Action: "sts:AssumeRole",
        }),
      );
    },
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: "sts:AssumeRole on riverside-ca-enrol",
  },
  {
    title: "the broker may pass the enrolling role to code of its own",
    change: (stack) => allow(stack, "broker_task", ["iam:PassRole", "lambda:CreateFunction"], "*"),
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: "iam:PassRole on riverside-ca-",
  },
  {
    title: "a chain: the broker changes a function's code, whose role may pass the enrolling role",
    change: (stack) => {
      allow(stack, "broker_task", "lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:function:riverside-helper");
      stranger(stack, SERVICE, { Effect: "Allow", Action: "iam:PassRole", Resource: ENROL });
      add(stack, "aws_lambda_function", "helper", {
        function_name: "riverside-helper",
        role: "${aws_iam_role.debugger.arn}",
      });
    },
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows:
      "lambda:UpdateFunctionCode on aws_lambda_function.helper, which runs as riverside-debugger\nmay call iam:PassRole on riverside-ca-enrol",
  },
  {
    title: "the activating function may change the enrolling one's code",
    change: (stack) => allow(stack, "activate_policy", "lambda:Update*", "*"),
    breaks: READERS,
    source: "riverside-ca-activate",
    target: "secret riverside/ca",
    shows: "lambda:UpdateFunctionCode",
  },
  {
    title: "the flow logs' role may rewrite trust policies",
    change: (stack) => allow(stack, "flow-logs", "iam:UpdateAssumeRolePolicy", ENROL),
    breaks: READERS,
    source: "riverside-flow-logs",
    target: "secret riverside/ca",
    shows: "iam:UpdateAssumeRolePolicy on riverside-ca-enrol",
  },
  {
    title: "the broker may enter its own task's neighbours",
    change: (stack) => allow(stack, "broker_execution", "ecs:ExecuteCommand", "*"),
    breaks: READERS,
    source: "riverside-broker-execution",
    target: "secret riverside/server-certificate",
    shows: "ecs:ExecuteCommand",
  },
  {
    title: "a role may give itself policies",
    change: (stack) =>
      allow(stack, "broker_execution", "iam:PutRolePolicy", "arn:aws:iam::123456789012:role/riverside-*"),
    breaks: READERS,
    source: "riverside-broker-execution",
    target: "secret riverside/ca",
    shows: "iam:PutRolePolicy",
  },
  {
    title: "a role may write the key's policy",
    change: (stack) => allow(stack, "broker_execution", "kms:PutKeyPolicy", "*"),
    breaks: READERS,
    source: "riverside-broker-execution",
    target: "secret riverside/ca",
    shows: "kms:PutKeyPolicy",
  },
  {
    title: "a role may write secrets' policies",
    change: (stack) => allow(stack, "broker_task", "secretsmanager:*", "*"),
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: "secretsmanager:PutResourcePolicy",
  },
  {
    title: "the key lets the broker grant",
    change: (stack) =>
      edit(vaultKey(stack), "policy", ({ Statement }) =>
        Statement.push({
          Effect: "Allow",
          Principal: { AWS: "${aws_iam_role.service-roles_broker-task_0261D645.arn}" },
          Action: "kms:CreateGrant",
          Resource: "*",
        }),
      ),
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: "kms:CreateGrant",
  },
  {
    title: "a grant beside the policies",
    change: (stack) => {
      allow(stack, "broker_task", "secretsmanager:GetSecretValue", CA);
      add(stack, "aws_kms_grant", "debug", {
        key_id: "${aws_kms_key.encryption-keys_vault_34DCEB39.key_id}",
        grantee_principal: "${aws_iam_role.service-roles_broker-task_0261D645.arn}",
        operations: ["Decrypt"],
      });
      edit(caSecret(stack), "policy", (document) => document.Statement.splice(0, 1));
      const [id] = Object.keys(stack.resource["aws_kms_key"]!).filter((name) => name.includes("vault"));
      stack.resource["aws_kms_grant"]!["debug"]!["key_id"] = `\${aws_kms_key.${id}.key_id}`;
    },
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: "its key decrypts for it",
  },
  {
    title: "a role that anybody in the world may assume",
    change: (stack) =>
      edit(find(stack, "aws_iam_role", "service-roles_rotate"), "assume_role_policy", ({ Statement }) =>
        Statement.push({ Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" }),
      ),
    breaks: READERS,
    source: "anybody",
    target: "secret riverside/ca",
    shows: "sts:AssumeRole on riverside-ca-rotate",
  },
  {
    title: "a function that anybody may do anything with",
    change: (stack) => {
      const [id] = Object.keys(stack.resource["aws_lambda_function"]!).filter((name) => name.includes("_enrol_"));
      add(stack, "aws_lambda_permission", "wide", {
        function_name: `\${aws_lambda_function.${id}.function_name}`,
        action: "lambda:*",
        principal: "*",
      });
    },
    breaks: READERS,
    source: "anybody",
    target: "secret riverside/credentials/0",
    shows: "lambda:UpdateFunctionCode",
  },
  {
    title: "an undeclared role with everything it takes",
    change: (stack) => {
      stranger(stack, SERVICE, { Effect: "Allow", Action: "secretsmanager:Get*", Resource: "*" });
      admit(stack, "${aws_iam_role.debugger.arn}");
    },
    breaks: READERS,
    source: "riverside-debugger",
    target: "secret riverside/ca",
    shows: "secretsmanager:GetSecretValue",
  },
  {
    title: "a user of the plan may assume the enrolling role",
    change: (stack) => {
      add(stack, "aws_iam_user", "bob", { name: "bob" });
      edit(find(stack, "aws_iam_role", "service-roles_enrol"), "assume_role_policy", ({ Statement }) =>
        Statement.push({
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::123456789012:user/bob" },
          Action: "sts:AssumeRole",
        }),
      );
    },
    breaks: READERS,
    source: "bob",
    target: "secret riverside/ca",
    shows: "sts:AssumeRole on riverside-ca-enrol",
  },
  ...(
    [
      ["another account", "arn:aws:iam::999999999999:root", "anybody of the account 999999999999"],
      ["a role of another account", "arn:aws:iam::999999999999:role/partner", "arn:aws:iam::999999999999:role/partner"],
      [
        "a role that the plan does not declare",
        "arn:aws:iam::123456789012:role/old",
        "arn:aws:iam::123456789012:role/old",
      ],
    ] as const
  ).map(([who, arn, source]) => ({
    title: `the enrolling role trusts ${who}`,
    change: (stack: Stack) =>
      edit(find(stack, "aws_iam_role", "service-roles_enrol"), "assume_role_policy", ({ Statement }) =>
        Statement.push({ Effect: "Allow", Principal: { AWS: arn }, Action: "sts:AssumeRole" }),
      ),
    breaks: READERS,
    source,
    target: "secret riverside/ca",
    shows: "sts:AssumeRole on riverside-ca-enrol",
  })),
  {
    title: "another account may change the enrolling function's code",
    change: (stack) => {
      const [id] = Object.keys(stack.resource["aws_lambda_function"]!).filter((name) => name.includes("_enrol_"));
      add(stack, "aws_lambda_permission", "partner", {
        function_name: `\${aws_lambda_function.${id}.function_name}`,
        action: "lambda:UpdateFunctionCode",
        principal: "999999999999",
      });
    },
    breaks: READERS,
    source: "anybody of the account 999999999999",
    target: "secret riverside/ca",
    shows: "lambda:UpdateFunctionCode",
  },
  ...(
    [
      ["ecs:ExecuteCommand", "arn:aws:ecs:eu-central-1:123456789012:task/riverside/*"],
      ["ecs:ExecuteCommand", "arn:aws:ecs:eu-central-1:123456789012:cluster/riverside"],
      ["ssm:StartSession", "arn:aws:ecs:*:*:task/riverside/*"],
      ["ecs:ExecuteCommand", `arn:aws:ecs:eu-central-1:123456789012:task/riverside/${"?".repeat(32)}`],
      ["ecs:ExecuteCommand", "arn:aws:ecs:eu-central-1:123456789012:task/riverside/0*"],
    ] as const
  ).map(([action, on]) => ({
    title: `the broker's execution role may call ${action} on ${on}`,
    change: (stack: Stack) => allow(stack, "broker_execution", action, on),
    breaks: READERS,
    source: "riverside-broker-execution",
    target: "secret riverside/server-certificate",
    shows: action,
  })),
  {
    title: "a role may write a managed policy of the plan, named alone",
    change: (stack) => {
      add(stack, "aws_iam_policy", "mine", { name: "mine", policy: JSON.stringify({ Statement: [] }) });
      allow(stack, "broker_task", "iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/mine");
    },
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: "iam:CreatePolicyVersion",
  },
  {
    title: "the enrolling role may be passed to the second service that it trusts",
    change: (stack) => {
      edit(find(stack, "aws_iam_role", "service-roles_enrol"), "assume_role_policy", ({ Statement }) =>
        Statement.push({ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }),
      );
      edit(find(stack, "aws_iam_role_policy", "broker_task"), "policy", ({ Statement }) =>
        Statement.push({
          Effect: "Allow",
          Action: "iam:PassRole",
          Resource: ENROL,
          Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
        }),
      );
    },
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: "iam:PassRole on riverside-ca-enrol",
  },
  {
    title: "a role may write permissions of the enrolling function",
    change: (stack) => allow(stack, "broker_task", "lambda:AddPermission", "*"),
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: "lambda:AddPermission",
  },
  {
    title: "a role may copy secrets to another region",
    change: (stack) => allow(stack, "broker_task", "secretsmanager:Replicate*", "*"),
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: "secretsmanager:ReplicateSecretToRegions",
  },
  {
    title: "a role may make keys for any user of the account, administrators too",
    change: (stack) => allow(stack, "broker_task", "iam:CreateAccessKey", "arn:aws:iam::*:user/*"),
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: "iam:CreateAccessKey",
  },
  {
    title: "a role of the plan may change a function's code, by the function's own policy",
    change: (stack) => {
      const [id] = Object.keys(stack.resource["aws_lambda_function"]!).filter((name) => name.includes("_enrol_"));
      add(stack, "aws_lambda_permission", "broker", {
        function_name: `\${aws_lambda_function.${id}.function_name}`,
        action: "lambda:UpdateFunctionCode",
        principal: "${aws_iam_role.service-roles_broker-task_0261D645.arn}",
      });
    },
    breaks: READERS,
    source: "riverside-broker-task",
    target: "secret riverside/ca",
    shows: "lambda:UpdateFunctionCode",
  },
  ...(
    [
      ["aws:PrincipalAccount", "StringEquals", "999999999999", "999999999999"],
      ["aws:PrincipalArn", "ArnLike", "arn:aws:iam::999999999999:role/partner-*", "role/partner-any"],
    ] as const
  ).map(([key, operator, value, source]) => ({
    title: `the enrolling role trusts everybody for whom ${operator} ${key} ${value}`,
    change: (stack: Stack) =>
      edit(find(stack, "aws_iam_role", "service-roles_enrol"), "assume_role_policy", ({ Statement }) =>
        Statement.push({
          Effect: "Allow",
          Principal: "*",
          Action: "sts:AssumeRole",
          Condition: { [operator]: { [key]: value } },
        }),
      ),
    breaks: READERS,
    source: source.includes("role") ? `arn:aws:iam::999999999999:${source}` : `anybody of the account ${source}`,
    target: "secret riverside/ca",
    shows: "sts:AssumeRole on riverside-ca-enrol",
  })),
  {
    title: "a user who is called as the role that reads",
    change: (stack) => {
      add(stack, "aws_iam_user", "same", { name: "riverside-ca-enrol" });
      edit(find(stack, "aws_iam_role", "service-roles_enrol"), "assume_role_policy", ({ Statement }) =>
        Statement.push({
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::123456789012:user/riverside-ca-enrol" },
          Action: "sts:AssumeRole",
        }),
      );
    },
    breaks: READERS,
    source: "riverside-ca-enrol",
    target: "secret riverside/ca",
    shows: "sts:AssumeRole on riverside-ca-enrol",
  },
  {
    title: "a key that delegates to the account whose number a data source tells",
    change: (stack) => {
      (stack as { data?: unknown }).data = { aws_caller_identity: { me: {} } };
      edit(vaultKey(stack), "policy", ({ Statement }) =>
        Statement.push({
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" },
          Action: "kms:*",
          Resource: "*",
        }),
      );
    },
    breaks: ROOT,
    source: "every administrator of the account",
    target: "aws_kms_key.encryption-keys_vault",
    shows: "kms:Decrypt",
  },
  {
    title: "a key that serves every user of the account by a condition",
    change: (stack) =>
      edit(vaultKey(stack), "policy", ({ Statement }) =>
        Statement.push({
          Effect: "Allow",
          Principal: "*",
          Action: "kms:Decrypt",
          Resource: "*",
          Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::123456789012:user/*" } },
        }),
      ),
    breaks: ROOT,
    source: "every administrator of the account",
    target: "aws_kms_key.encryption-keys_vault",
    shows: "kms:Decrypt",
  },
  {
    title: "a key that serves everybody who is somebody, in capital letters",
    change: (stack) =>
      edit(vaultKey(stack), "policy", ({ Statement }) =>
        Statement.push({
          Effect: "Allow",
          Principal: "*",
          Action: "kms:Decrypt",
          Resource: "*",
          Condition: { Null: { "aws:PrincipalArn": "False" } },
        }),
      ),
    breaks: ROOT,
    source: "every administrator of the account",
    target: "aws_kms_key.encryption-keys_vault",
    shows: "kms:Decrypt",
  },
  {
    title: "a role that reads the CA, and that any administrator of the account may become",
    change: (stack) =>
      edit(find(stack, "aws_iam_role", "service-roles_rotate"), "assume_role_policy", ({ Statement }) =>
        Statement.push({
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::123456789012:root" },
          Action: "sts:AssumeRole",
        }),
      ),
    breaks: ROOT,
    source: "every administrator of the account",
    target: "secret riverside/ca",
    shows: "become riverside-ca-rotate, which reads it",
  },
  {
    title: "the default key policy, which delegates to the account",
    change: (stack) => {
      delete vaultKey(stack)["policy"];
    },
    breaks: ROOT,
    source: "every administrator of the account",
    target: "aws_kms_key.encryption-keys_vault",
    shows: "kms:Decrypt",
  },
  {
    title: "a key policy that gives the root everything",
    change: (stack) =>
      edit(vaultKey(stack), "policy", ({ Statement }) => {
        Statement[0]!["Action"] = "kms:*";
      }),
    breaks: ROOT,
    source: "every administrator of the account",
    target: "aws_kms_key.encryption-keys_vault",
    shows: "kms:Decrypt",
  },
  {
    title: "a secret under AWS's own key",
    change: (stack) => {
      delete caSecret(stack)["kms_key_id"];
    },
    breaks: ROOT,
    source: "every administrator of the account",
    target: "secret riverside/ca",
    shows: "AWS manages",
  },
  {
    title: "a password in the environment",
    change: (stack) => {
      const definition = find(stack, "aws_ecs_task_definition", "broker");
      definition["container_definitions"] = String(definition["container_definitions"]).replace(
        '"value":"riverside"',
        `"value":"${randomBytes(32).toString("base64url")}"`,
      );
    },
    breaks: VALUES,
    source: "everybody who reads the plan or the state",
    target: "'container_definitions'",
    shows: "random text",
  },
  {
    title: "a secret's value written by Terraform",
    change: (stack) =>
      add(stack, "aws_secretsmanager_secret_version", "ca", {
        secret_id: "x",
        secret_string: '{"version":1,"key":"later"}',
      }),
    breaks: VALUES,
    source: "everybody who reads the plan or the state",
    target: "'secret_string'",
    shows: "by its name",
  },
  ...(["random_password", "tls_private_key", "aws_iam_access_key"] as const).map((type) => ({
    title: `a ${type}, whose secret is in the state only`,
    change: (stack: Stack) => add(stack, type, "made", {}),
    breaks: VALUES,
    source: "everybody who reads the plan or the state",
    target: `${type}.made`,
    shows: "leaves its secret in the state",
  })),
  {
    title: "a private key in a parameter",
    change: (stack) =>
      add(stack, "aws_ssm_parameter", "key", {
        name: "x",
        type: "String",
        value: "-----BEGIN EC PRIVATE KEY-----\nMHc\n",
      }),
    breaks: VALUES,
    source: "everybody who reads the plan or the state",
    target: "'value'",
    shows: "private key",
  },
];

test.each(MUTATIONS)("caught: $title", ({ change, breaks, source, target, shows }) => {
  const proofs = proveProperties(secretsProperties, secretsOf(changedStack(change)));
  const verdict = proofs.find(({ id }) => id === breaks)?.verdict;
  if (verdict?.answer !== "VIOLATED") throw new Error(`${breaks}: ${JSON.stringify(verdict, null, 1)}`);
  const found = verdict.counterexamples.find((each) => each.source === source && each.target.includes(target));
  expect(found?.path.map(({ says }) => says).join("\n") ?? JSON.stringify(verdict.counterexamples)).toContain(shows);
});

const HARMLESS: readonly Pick<Mutation, "title" | "change">[] = [
  { title: "nothing changed", change: () => undefined },
  {
    title: "IAM alone lets the broker read the CA: the secret and the key refuse",
    change: (stack) => allow(stack, "broker_task", "secretsmanager:GetSecretValue", CA),
  },
  {
    title: "a role of the account may decrypt with every key: ours do not ask IAM",
    change: (stack) =>
      stranger(stack, SERVICE, { Effect: "Allow", Action: ["kms:Decrypt", "kms:CreateGrant"], Resource: "*" }),
  },
  {
    title: "a role that may read every secret: theirs and the keys' policies refuse",
    change: (stack) =>
      stranger(stack, SERVICE, { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: "*" }),
  },
  {
    title: "passing a role that reads nothing",
    change: (stack) =>
      allow(stack, "broker_execution", "iam:PassRole", "arn:aws:iam::123456789012:role/riverside-flow-logs"),
  },
  {
    title: "changing the code of a function that reads no secret",
    change: (stack) => {
      stranger(stack, SERVICE, []);
      add(stack, "aws_lambda_function", "helper", { function_name: "helper", role: "${aws_iam_role.debugger.arn}" });
      allow(stack, "broker_execution", "lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:function:helper");
    },
  },
  {
    title: "a grant that is denied again",
    change: (stack) => {
      allow(stack, "broker_task", "iam:PassRole", "*");
      edit(find(stack, "aws_iam_role_policy", "broker_task"), "policy", ({ Statement }) =>
        Statement.push({ Effect: "Deny", Action: "iam:*", Resource: "*" }),
      );
    },
  },
  {
    title: "another account may invoke a function that answers with nothing",
    change: (stack) => {
      const [id] = Object.keys(stack.resource["aws_lambda_function"]!).filter((name) => name.includes("_activate_"));
      add(stack, "aws_lambda_permission", "invoke", {
        function_name: `\${aws_lambda_function.${id}.function_name}`,
        action: "lambda:InvokeFunction",
        principal: "210987654321",
      });
    },
  },
  {
    title: "the key's policy is a resource of its own",
    change: (stack) => {
      const [[id, key]] = Object.entries(stack.resource["aws_kms_key"]!).filter(([name]) => name.includes("vault")) as [
        [string, Record<string, unknown>],
      ];
      add(stack, "aws_kms_key_policy", "vault", { key_id: `\${aws_kms_key.${id}.key_id}`, policy: key["policy"] });
      delete key["policy"];
    },
  },
  {
    title: "rights on tables, logs and other things that refer to nothing of ours",
    change: (stack) => {
      add(stack, "aws_dynamodb_table", "t", { name: "t" });
      allow(stack, "broker_task", ["dynamodb:*", "s3:*"], ["${aws_dynamodb_table.t.arn}/index/*", "arn:aws:s3:::x/*"]);
    },
  },
  {
    title: "a log group that is called like a function, and so like its role",
    change: (stack) => add(stack, "aws_cloudwatch_log_group", "more", { name: "/aws/lambda/riverside-ca-enrol" }),
  },
  {
    title: "a role that reads nothing, and that any administrator of the account may become",
    change: (stack) => stranger(stack, { AWS: "arn:aws:iam::123456789012:root" }, []),
  },
  {
    title: "invoking the versions of a function that answers with nothing",
    change: (stack) =>
      allow(stack, "broker_task", "lambda:InvokeFunction", "arn:aws:lambda:*:*:function:riverside-ca-activate:*"),
  },
  {
    title: "a service that may invoke a function of somebody else's",
    change: (stack) => invokable(stack, "events.amazonaws.com", "office-nightly"),
  },
  {
    title: "entering the tasks of another cluster",
    change: (stack) => allow(stack, "broker_execution", "ecs:ExecuteCommand", "arn:aws:ecs:*:*:task/office/*"),
  },
  {
    title: "hashes, digests and long names",
    change: (stack) =>
      add(stack, "aws_ssm_parameter", "x", {
        name: "/riverside/edge-gateway-number-twelve-of-line-one",
        value: `sha256:${"0a1b".repeat(16)} CertificateAuthorityInitialiseFunctionTimeoutSeconds`,
      }),
  },
];

test.each(HARMLESS)("proven still: $title", ({ change }) => {
  const proofs = proveProperties(secretsProperties, secretsOf(changedStack(change)));
  expect(proofs.map(({ id, verdict }) => [id, verdict.answer === "PROVEN" ? "PROVEN" : verdict])).toEqual(
    secretsProperties.map(({ id }) => [id, "PROVEN"]),
  );
});

const UNKNOWN: readonly (Pick<Mutation, "title" | "change"> & { readonly shows: string })[] = [
  {
    title: "a service that may invoke the enrolling function, for nobody knows whom",
    change: (stack) => invokable(stack, "apigateway.amazonaws.com"),
    shows: "apigateway.amazonaws.com may invoke it",
  },
  {
    title: "a permission to invoke by another form of the function's name",
    change: (stack) => invokable(stack, "210987654321", "123456789012:function:riverside-ca-enrol"),
    shows: "belongs to something that the plan does not have",
  },
  ...(
    [
      ["a part of its ARN", "123456789012:function:riverside-ca-enrol"],
      ["an alias", "${aws_lambda_alias.live.arn}"],
    ] as const
  ).map(([what, name]) => ({
    title: `a service that may invoke the enrolling function, named by ${what}`,
    change: (stack: Stack) => {
      add(stack, "aws_lambda_alias", "live", { name: "live", function_name: "riverside-ca-enrol" });
      invokable(stack, "apigateway.amazonaws.com", name);
    },
    shows: "belongs to something that the plan does not have",
  })),
  {
    title: "secrets in another region",
    change: (stack) => {
      caSecret(stack)["provider"] = "aws.west";
    },
    shows: "is made by 'aws.west'",
  },
  {
    title: "a secret that nobody declared",
    change: (stack) => add(stack, "aws_secretsmanager_secret", "new", { name: "riverside/new" }),
    shows: "no readers are declared",
  },
  {
    title: "a secret with a copy in another region",
    change: (stack) => {
      caSecret(stack)["replica"] = [{ region: "eu-west-1" }];
    },
    shows: "copies in other regions are not modelled",
  },
  {
    title: "groups",
    change: (stack) => add(stack, "aws_iam_group_policy", "g", { group: "admins", policy: "{}" }),
    shows: "aws_iam_group_policy is not modelled",
  },
  {
    title: "a machine that holds a reading role",
    change: (stack) => {
      const [id] = Object.keys(stack.resource["aws_iam_role"]!).filter((name) => name.includes("_enrol"));
      add(stack, "aws_codebuild_project", "build", { service_role: `\${aws_iam_role.${id}.arn}` });
    },
    shows: "aws_codebuild_project holds the role",
  },
  {
    title: "the enrolling role in the hands of a machine",
    change: (stack) => {
      const [id] = Object.keys(stack.resource["aws_iam_role"]!).filter((name) => name.includes("_enrol"));
      add(stack, "aws_iam_instance_profile", "machine", { name: "machine", role: `\${aws_iam_role.${id}.name}` });
    },
    shows: "aws_iam_instance_profile holds the role",
  },
  {
    title: "a build that names the enrolling role by its ARN",
    change: (stack) => add(stack, "aws_codebuild_project", "build", { service_role: ENROL }),
    shows: "aws_codebuild_project holds the role",
  },
  {
    title: "policies attached to a role by its name, exclusively",
    change: (stack) =>
      add(stack, "aws_iam_role_policy_attachments_exclusive", "x", {
        role_name: "riverside-broker-task",
        policy_arns: ["arn:aws:iam::aws:policy/AdministratorAccess"],
      }),
    shows: "aws_iam_role_policy_attachments_exclusive is not modelled",
  },
  ...[
    "aws_iam_policy_attachment",
    "aws_iam_group_membership",
    "aws_cloudformation_stack",
    "aws_ssoadmin_permission_set",
  ].map((type) => ({
    title: `a ${type}`,
    change: (stack: Stack) => add(stack, type, "x", { name: "x" }),
    shows: `${type} is not modelled`,
  })),
  {
    title: "a policy on a role that the plan does not have",
    change: (stack) =>
      add(stack, "aws_iam_role_policy", "old", {
        role: "old",
        policy: JSON.stringify({ Statement: { Effect: "Allow", Action: "iam:*", Resource: "*" } }),
      }),
    shows: "belongs to something that the plan does not have",
  },
  {
    title: "inline policies in a dynamic block",
    change: (stack) => {
      find(stack, "aws_iam_role", "service-roles_broker-task")["dynamic"] = {
        inline_policy: { for_each: ["a"], content: { name: "a", policy: "{}" } },
      };
    },
    shows: "inline_policy",
  },
  {
    title: "a role that a data source finds, trusted by the enrolling one",
    change: (stack) => {
      (stack as { data?: unknown }).data = { aws_iam_role: { found: { name: "found" } } };
      edit(find(stack, "aws_iam_role", "service-roles_enrol"), "assume_role_policy", ({ Statement }) =>
        Statement.push({
          Effect: "Allow",
          Principal: { AWS: "${data.aws_iam_role.found.arn}" },
          Action: "sts:AssumeRole",
        }),
      );
    },
    shows: "known after apply only",
  },
  {
    title: "a right on a role that a data source finds",
    change: (stack) => {
      (stack as { data?: unknown }).data = { aws_iam_role: { found: { name: "riverside-ca-enrol" } } };
      allow(stack, "broker_task", "iam:PassRole", "${data.aws_iam_role.found.arn}");
    },
    shows: "known after apply only",
  },
  {
    title: "a principal by its unique id",
    change: (stack) =>
      edit(find(stack, "aws_iam_role", "service-roles_enrol"), "assume_role_policy", ({ Statement }) =>
        Statement.push({ Effect: "Allow", Principal: { AWS: "AROAEXAMPLEID" }, Action: "sts:AssumeRole" }),
      ),
    shows: "known after apply only",
  },
  ...(["sts:AssumeRole", "iam:PutRolePolicy"] as const).map((action) => ({
    title: `${action} on a role that the plan does not have`,
    change: (stack: Stack) => allow(stack, "broker_task", action, "arn:aws:iam::*:role/admin-*"),
    shows: "on what the plan does not declare",
  })),
  {
    title: "a policy that says one thing twice",
    change: (stack) => {
      const role = find(stack, "aws_iam_role_policy", "broker_task");
      role["policy"] =
        `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}],${String(role["policy"]).slice(1)}`;
    },
    shows: "twice in one object",
  },
  {
    title: "a secret's policy in two places",
    change: (stack) => {
      const [id] = Object.keys(stack.resource["aws_secretsmanager_secret"]!).filter((name) =>
        name.includes("certificate-authority"),
      );
      add(stack, "aws_secretsmanager_secret_policy", "second", {
        secret_arn: `\${aws_secretsmanager_secret.${id}.arn}`,
        policy: JSON.stringify({ Statement: [] }),
      });
    },
    shows: "is written in two places",
  },
  {
    title: "a key with replicas elsewhere",
    change: (stack) => {
      vaultKey(stack)["multi_region"] = true;
    },
    shows: "replicas",
  },
  {
    title: "a provider that nobody knows",
    change: (stack) => add(stack, "vaulted_thing", "x", {}),
    shows: "is not known",
  },
  {
    title: "a condition that may hold or not",
    change: (stack) => {
      stranger(stack, SERVICE, {
        Effect: "Allow",
        Action: "iam:PassRole",
        Resource: "*",
        Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } },
      });
    },
    shows: "IpAddress",
  },
];

test.each(UNKNOWN)("left open, with the reason: $title", ({ change, shows }) => {
  const proofs = proveProperties(secretsProperties, secretsOf(changedStack(change)));
  const verdict = proofs[0]?.verdict;
  expect(verdict?.answer).toBe("UNPROVEN");
  expect(JSON.stringify(verdict)).toContain(shows);
});

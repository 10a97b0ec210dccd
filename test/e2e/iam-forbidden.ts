import { functionName, itemKey, secretName, tableName } from "../../policy/deployment";
import type { Site } from "../../policy/site";
import type { RoleNames } from "./iam-needed";
import type { DeployedPolicies } from "./iam-policies";
import type { IamQuestion } from "./iam-question";
import { ADMINISTRATOR } from "./iam-simulation";

/** What an attacker who owns one of the site's principals would try first. All of it must be refused. */
export function forbiddenCalls(
  site: Site,
  policies: DeployedPolicies,
  roles: RoleNames,
  fileSystem: { readonly arn: string; readonly accessPoint: string },
): IamQuestion[] {
  const { account, region } = site.aws;
  const secret = (name: string): string => {
    const found = [...policies.keyOfSecret.keys()].find((arn) => arn.includes(`:secret:${name}-`));
    if (!found) throw new Error(`there is no secret ${name}`);
    return found;
  };
  const ca = secret(secretName.certificateAuthority(site.name));
  const server = secret(secretName.serverCertificate(site.name));
  const credentials = secret(secretName.shard(site.name, "credentials", 0));
  const access = secret(secretName.shard(site.name, "access", 0));
  const [vaultKey, accessKey] = [policies.keyOfSecret.get(ca)!, policies.keyOfSecret.get(access)!];
  const table = `arn:aws:dynamodb:${region}:${account}:table/${tableName(site.name)}`;
  const enrolFunction = `arn:aws:lambda:${region}:${account}:function:${functionName.enrol(site.name)}`;
  const rotateFunction = `arn:aws:lambda:${region}:${account}:function:${functionName.rotate(site.name)}`;
  const { broker, execution } = roles;
  const [initialise, rotate, enrol, activate] = (["initialise", "rotate", "enrol", "activate"] as const).map(
    roles.functions,
  ) as [string, string, string, string];

  const on = (
    role: string,
    action: string,
    resource: string,
    why: string,
    context: IamQuestion["context"] = {},
  ): IamQuestion => ({
    role,
    action,
    resource,
    context,
    why,
  });
  const GET = "secretsmanager:GetSecretValue";
  const PUT = "secretsmanager:PutSecretValue";
  const item = (key: string): IamQuestion["context"] => ({ "dynamodb:LeadingKeys": [key] });
  const [manifest, accessManifest] = [itemKey.manifest("credentials"), itemKey.manifest("access")];
  const through = (arn: string): IamQuestion["context"] => ({
    "kms:ViaService": `secretsmanager.${region}.amazonaws.com`,
    "kms:CallerAccount": account,
    "kms:EncryptionContext:SecretARN": arn,
    "kms:EncryptionContext:SecretVersionId": "EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE",
  });

  return [
    on(broker, GET, ca, "a broker that is taken over must not issue certificates"),
    on(broker, "kms:Decrypt", vaultKey, "nor read the CA by its key", through(ca)),
    on(broker, "kms:Decrypt", vaultKey, "nor use the key past Secrets Manager", {
      "kms:EncryptionContext:SecretARN": server,
    }),
    on(broker, "kms:GenerateDataKey", vaultKey, "nor write under it", through(credentials)),
    on(broker, "kms:GenerateDataKey", accessKey, "nor change what is allowed", through(access)),
    on(broker, PUT, server, "a broker writes no secret"),
    on(broker, PUT, credentials, "a broker writes no secret"),
    on(broker, PUT, access, "a broker writes no secret"),
    on(broker, "secretsmanager:ListSecrets", "*", "a broker looks for nothing"),
    on(broker, "dynamodb:PutItem", table, "a broker activates nothing", item(manifest)),
    on(broker, "dynamodb:UpdateItem", table, "a broker activates nothing", item(manifest)),
    on(broker, "dynamodb:UpdateItem", table, "a broker activates nothing", item(accessManifest)),
    on(broker, "dynamodb:UpdateItem", table, "a key must be named"),
    on(broker, "dynamodb:GetItem", table, "only the items that it needs", item("other")),
    on(broker, "dynamodb:PutItem", table, "the lease moves by condition", item(itemKey.lease)),
    on(broker, "dynamodb:DeleteItem", table, "a lease is never deleted", item(itemKey.lease)),
    on(broker, "dynamodb:Scan", table, "a broker looks for nothing"),
    on(broker, "lambda:InvokeFunction", enrolFunction, "a broker enrols nobody"),
    on(broker, "elasticfilesystem:ClientRootAccess", fileSystem.arn, "nobody is root in the store", {
      "elasticfilesystem:AccessPointArn": fileSystem.accessPoint,
      "elasticfilesystem:AccessedViaMountTarget": "true",
    }),
    on(broker, "elasticfilesystem:ClientMount", fileSystem.arn, "not past the access point", {
      "elasticfilesystem:AccessedViaMountTarget": "true",
    }),
    on(broker, "elasticfilesystem:ClientMount", fileSystem.arn, "not without TLS", {
      "aws:SecureTransport": "false",
      "elasticfilesystem:AccessPointArn": fileSystem.accessPoint,
      "elasticfilesystem:AccessedViaMountTarget": "true",
    }),
    on(execution, GET, server, "what starts a task reads no secret"),
    on(
      execution,
      "ecr:PutImage",
      `arn:aws:ecr:${region}:${account}:repository/mqtt-dmz/broker`,
      "nor changes the image",
    ),
    on(initialise, "dynamodb:UpdateItem", table, "the lease is the brokers'", item(itemKey.lease)),
    on(initialise, "dynamodb:PutItem", table, "the lease is the brokers'", item(itemKey.lease)),
    on(initialise, "dynamodb:PutItem", table, "access is not its business", item(accessManifest)),
    on(initialise, GET, access, "access is not its business"),
    on(initialise, "secretsmanager:DeleteSecret", ca, "nobody deletes the CA"),
    on(rotate, GET, credentials, "it renews one certificate"),
    on(rotate, PUT, ca, "it signs with the CA and does not replace it"),
    on(rotate, "kms:GenerateDataKey", vaultKey, "it signs with the CA and does not replace it", through(ca)),
    on(rotate, "secretsmanager:UpdateSecretVersionStage", ca, "nor bring an old one back"),
    on(rotate, "dynamodb:PutItem", table, "it activates nothing", item(manifest)),
    on(enrol, "dynamodb:PutItem", table, "the lease is the brokers'", item(itemKey.lease)),
    on(enrol, "dynamodb:UpdateItem", table, "the lease is the brokers'", item(itemKey.lease)),
    on(enrol, "dynamodb:PutItem", table, "who enrols grants nothing", item(accessManifest)),
    on(enrol, PUT, ca, "it signs with the CA and does not replace it"),
    on(enrol, PUT, server, "who enrols does not become the server"),
    on(enrol, GET, server, "who enrols does not become the server"),
    on(enrol, "lambda:InvokeFunction", rotateFunction, "who enrols forges no rotation"),
    on(activate, "dynamodb:PutItem", table, "who grants enrols nobody", item(manifest)),
    on(activate, GET, credentials, "who grants enrols nobody"),
    on(activate, GET, ca, "who grants certifies nobody"),
    on(activate, PUT, access, "it verifies the document and does not write it"),
    on(ADMINISTRATOR, "kms:Decrypt", vaultKey, "no administrator reads keys and passwords"),
    on(ADMINISTRATOR, "kms:Decrypt", vaultKey, "nor through Secrets Manager", through(ca)),
    on(ADMINISTRATOR, "kms:Decrypt", vaultKey, "nor through Secrets Manager", through(credentials)),
    on(ADMINISTRATOR, "kms:CreateGrant", vaultKey, "nor grants it to somebody"),
    on(
      site.aws.deployerRole.split("/").at(-1)!,
      "kms:Decrypt",
      vaultKey,
      "Terraform reads no key and no password",
      through(server),
    ),
    on(
      "secretsmanager.amazonaws.com",
      "lambda:InvokeFunction",
      rotateFunction,
      "rotation of another account's secret",
      {
        "aws:SourceAccount": "210987654321",
        "aws:SourceArn": server.replace(account, "210987654321"),
      },
    ),
    on("secretsmanager.amazonaws.com", "lambda:InvokeFunction", enrolFunction, "a rotation enrols nobody", {
      "aws:SourceAccount": account,
      "aws:SourceArn": server,
    }),
  ];
}

import type { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { functionName, logGroupName, secretName } from "../policy/deployment";
import type { Site } from "../policy/site";
import { alarmArns, alarmTopicArn } from "./alarm-arns";
import { keyAdministration } from "./key-administration";
import { policyDocument, type Statement } from "./policy-document";
import { secretArn } from "./secret-arn";
import type { ServiceRoles } from "./service-roles";

const READ = ["kms:Decrypt"];
const READ_WRITE = ["kms:Decrypt", "kms:GenerateDataKey"];

/** Key policy of CA, server certificate and credentials. */
export function vaultKeyPolicy(site: Site, roles: ServiceRoles): string {
  const ca = secretArn(site, secretName.certificateAuthority(site.name));
  const server = secretArn(site, secretName.serverCertificate(site.name));
  const credentials = shards(site, "credentials");
  return policyDocument(
    keyAdministration(site.aws.account),
    deployerCreatesSecrets(site),
    throughSecretsManager("InitialiseFillsAllSecrets", site, roles.initialise.arn, READ_WRITE, [
      ca,
      server,
      credentials,
    ]),
    throughSecretsManager("RotateReadsTheCa", site, roles.rotate.arn, READ, [ca]),
    throughSecretsManager("RotateRenewsTheServerCertificate", site, roles.rotate.arn, READ_WRITE, [server]),
    throughSecretsManager("EnrolReadsTheCa", site, roles.enrol.arn, READ, [ca]),
    throughSecretsManager("EnrolWritesCredentials", site, roles.enrol.arn, READ_WRITE, [credentials]),
    throughSecretsManager("BrokerReads", site, roles.brokerTask.arn, READ, [server, credentials]),
  );
}

/** Key policy of the access document. */
export function accessKeyPolicy(site: Site, roles: ServiceRoles): string {
  const access = shards(site, "access");
  return policyDocument(
    keyAdministration(site.aws.account),
    deployerCreatesSecrets(site),
    throughSecretsManager("DeployerWrites", site, site.aws.deployerRole, READ_WRITE, [access]),
    throughSecretsManager("ActivateVerifies", site, roles.activate.arn, READ, [access]),
    throughSecretsManager("BrokerReads", site, roles.brokerTask.arn, READ, [access]),
  );
}

/** Key policy of the message store, the logs and the topic of the alarms. */
export function dataKeyPolicy(site: Site): string {
  const logGroups = [
    ...Object.values(logGroupName).map((name) => name(site.name)),
    ...Object.values(functionName).map((name) => `/aws/lambda/${name(site.name)}`),
  ];
  return policyDocument(
    keyAdministration(site.aws.account),
    {
      // What EFS asks of whoever creates an encrypted file system; it then works under the grant (Amazon EFS User Guide,
      // "Using encryption at rest"). The deployer cannot use the key itself: only through EFS, whose policy refuses it.
      Sid: "DeployerCreatesTheFileSystem",
      Effect: "Allow",
      Principal: { AWS: site.aws.deployerRole },
      Action: ["kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"],
      Resource: "*",
      Condition: { StringEquals: via(site, "elasticfilesystem") },
    },
    {
      Sid: "DeployerGrantsTheFileSystem",
      Effect: "Allow",
      Principal: { AWS: site.aws.deployerRole },
      Action: "kms:CreateGrant",
      Resource: "*",
      Condition: {
        StringEquals: via(site, "elasticfilesystem"),
        Bool: { "kms:GrantIsForAWSResource": "true" },
      },
    },
    {
      // Amazon CloudWatch Logs User Guide, "Encrypt log data using AWS KMS": the service is a principal of its own.
      Sid: "LogsOfThisSite",
      Effect: "Allow",
      Principal: { Service: `logs.${site.aws.region}.amazonaws.com` },
      Action: [
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:DescribeKey",
      ],
      Resource: "*",
      Condition: {
        ArnLike: {
          "kms:EncryptionContext:aws:logs:arn": logGroups.map(
            (name) => `arn:aws:logs:${site.aws.region}:${site.aws.account}:log-group:${name}`,
          ),
        },
      },
    },
    ...(site.alarms?.email ? [alarmsOfThisSite(site)] : []),
  );
}

/**
 * What a service needs to publish to an encrypted topic (Amazon SNS Developer Guide, "Enable compatibility between event
 * sources from AWS services and encrypted topics"): for alarms of this site, into its own topic alone. SNS itself needs
 * nothing to deliver.
 */
const alarmsOfThisSite = (site: Site): Statement => ({
  Sid: "AlarmsOfThisSite",
  Effect: "Allow",
  Principal: { Service: "cloudwatch.amazonaws.com" },
  Action: READ_WRITE,
  Resource: "*",
  Condition: {
    StringEquals: {
      "aws:SourceAccount": site.aws.account,
      "kms:EncryptionContext:aws:sns:topicArn": alarmTopicArn(site),
    },
    ArnLike: { "aws:SourceArn": alarmArns(site) },
  },
});

/**
 * Whoever creates a secret under a key must pass Secrets Manager's trial use of it, which carries this version id and
 * whose result is discarded (AWS Secrets Manager User Guide, "Secret encryption and decryption"). No value has this id.
 */
const deployerCreatesSecrets = (site: Site): Statement => ({
  Sid: "DeployerCreatesSecrets",
  Effect: "Allow",
  Principal: { AWS: site.aws.deployerRole },
  Action: READ_WRITE,
  Resource: "*",
  Condition: {
    StringEquals: {
      ...via(site, "secretsmanager"),
      "kms:EncryptionContext:SecretVersionId": "RequestToValidateKeyAccess",
    },
  },
});

/** A principal uses the key only through Secrets Manager and only for the named secrets, which are its encryption context. */
const throughSecretsManager = (
  sid: string,
  site: Site,
  principal: IamRole["arn"],
  actions: readonly string[],
  secrets: readonly string[],
): Statement => ({
  Sid: sid,
  Effect: "Allow",
  Principal: { AWS: principal },
  Action: actions,
  Resource: "*",
  Condition: {
    StringEquals: via(site, "secretsmanager"),
    ArnLike: { "kms:EncryptionContext:SecretARN": secrets },
  },
});

const via = (site: Site, service: string): Record<string, string> => ({
  "kms:ViaService": `${service}.${site.aws.region}.amazonaws.com`,
});

const shards = (site: Site, document: "credentials" | "access"): string =>
  secretArn(site, `${site.name}/${document}/*`);

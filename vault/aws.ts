import { randomUUID } from "node:crypto";

import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";

import type { Manifest } from "../policy/credentials";
import { itemKey, tableName } from "../policy/deployment";
import { namedError } from "./named-error";
import { parseManifest } from "./parse-manifest";
import { ManifestConflict, type SecretValue, type Vault } from "./vault";

export interface AwsVaultProps {
  /** Site name: prefix of the secrets and of the table. */
  readonly site: string;
  /** AWS region. @default the platform's (AWS_REGION) */
  readonly region?: string;
}

/** An endpoint that hangs must not hang its caller, who polls: milliseconds to connect, and to answer; else it only warns. */
const requestHandler = { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/**
 * The version id of a secret's first value. Secrets Manager has no conditional write, but it refuses to change the
 * value of a version that exists ("ClientRequestToken" of PutSecretValue): with one fixed token the first writer wins.
 */
const FIRST_VERSION = "first-value-of-this-secret-000001";

/**
 * One site's vault in AWS: secrets in Secrets Manager, manifests in the site's DynamoDB table. Credentials and, for
 * tests, AWS_ENDPOINT_URL come from the environment, as for every AWS SDK.
 *
 * Calls exactly secretsmanager:GetSecretValue and PutSecretValue, dynamodb:GetItem and PutItem.
 * @throws (from its methods) AWS's error with its own name, and what it was about: `secret 'plant1/ca': ...`.
 */
export const awsVault = ({ site, region }: AwsVaultProps): Vault => {
  const secrets = new SecretsManagerClient({ region, requestHandler });
  const table = new DynamoDBClient({ region, requestHandler });
  const TableName = tableName(site);

  const read = async (secret: string, versionId?: string): Promise<SecretValue | undefined> => {
    try {
      const got = await secrets.send(new GetSecretValueCommand({ SecretId: secret, VersionId: versionId }));
      if (got.SecretString === undefined || got.VersionId === undefined) return undefined;
      return { value: got.SecretString, versionId: got.VersionId };
    } catch (error) {
      // Also the answer for a secret that has no value yet: Terraform declares containers only.
      if (error instanceof ResourceNotFoundException) return undefined;
      throw namedError(`secret '${secret}'`, error);
    }
  };

  /** The token makes the SDK's own repeats of this one write harmless. */
  const put = async (secret: string, value: string, token: string): Promise<string> => {
    await secrets.send(new PutSecretValueCommand({ SecretId: secret, SecretString: value, ClientRequestToken: token }));
    return token;
  };

  const keyOf = (pk: string): { pk: { S: string } } => ({ pk: { S: pk } });

  return {
    read,
    create: async (secret, value) => {
      const existing = await read(secret);
      if (existing !== undefined) return existing;
      try {
        return { value, versionId: await put(secret, value, FIRST_VERSION) };
      } catch (error) {
        if (!(error instanceof ResourceExistsException)) throw namedError(`secret '${secret}'`, error);
        const first = (await read(secret)) ?? (await read(secret, FIRST_VERSION));
        if (first === undefined) throw namedError(`secret '${secret}'`, error);
        return first;
      }
    },
    write: (secret, value) =>
      put(secret, value, randomUUID()).catch((error: unknown) => {
        throw namedError(`secret '${secret}'`, error);
      }),
    readManifest: async (document) => {
      const pk = itemKey.manifest(document);
      const { Item } = await table
        .send(new GetItemCommand({ TableName, Key: keyOf(pk), ConsistentRead: true }))
        .catch((error: unknown) => {
          throw namedError(`item '${pk}' of table '${TableName}'`, error);
        });
      return Item === undefined
        ? undefined
        : parseManifest(Item["manifest"]?.S ?? "", `item '${pk}' of '${TableName}'`);
    },
    writeManifest: async (document, manifest) => {
      const pk = itemKey.manifest(document);
      const text = JSON.stringify(manifest satisfies Manifest);
      const expected = manifest.sequence - 1;
      const first = expected === 0;
      try {
        await table.send(
          new PutItemCommand({
            TableName,
            Item: { ...keyOf(pk), sequence: { N: String(manifest.sequence) }, manifest: { S: text } },
            ConditionExpression: first ? "attribute_not_exists(pk)" : "#sequence = :expected",
            ExpressionAttributeNames: first ? undefined : { "#sequence": "sequence" },
            ExpressionAttributeValues: first ? undefined : { ":expected": { N: String(expected) } },
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException))
          throw namedError(`item '${pk}' of table '${TableName}'`, error);
        // The SDK repeats a write whose answer was lost; the repeat then fails on our own item. Version ids are unique,
        // so the same text can only be ours.
        if (error.Item?.["manifest"]?.S !== text) throw new ManifestConflict(document, expected);
      }
    },
  };
};

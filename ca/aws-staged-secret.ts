import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";

import { namedError } from "../vault/named-error";
import type { StagedSecret } from "./staged-secret";

/**
 * A rotated secret in Secrets Manager. Calls exactly DescribeSecret, GetSecretValue, PutSecretValue and
 * UpdateSecretVersionStage on it.
 * @param name for errors.
 * @param SecretId its ARN.
 */
export const awsStagedSecret = (name: string, SecretId: string): StagedSecret => {
  const client = new SecretsManagerClient({
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  });
  const named = async <T>(call: Promise<T>): Promise<T> =>
    call.catch((error: unknown) => {
      throw namedError(`secret '${name}'`, error);
    });

  return {
    name,
    describe: async () => {
      const { RotationEnabled, VersionIdsToStages } = await named(client.send(new DescribeSecretCommand({ SecretId })));
      return { rotationEnabled: RotationEnabled === true, stages: new Map(Object.entries(VersionIdsToStages ?? {})) };
    },
    read: async (VersionStage, VersionId) => {
      try {
        const got = await client.send(new GetSecretValueCommand({ SecretId, VersionStage, VersionId }));
        return got.SecretString;
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw namedError(`secret '${name}'`, error);
      }
    },
    putPending: async (ClientRequestToken, SecretString) => {
      const VersionStages = ["AWSPENDING"];
      await named(
        client.send(new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages })),
      );
    },
    discard: async (RemoveFromVersionId) => {
      const VersionStage = "AWSPENDING";
      await named(client.send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage, RemoveFromVersionId })));
    },
    promote: async (RemoveFromVersionId, MoveToVersionId) => {
      const VersionStage = "AWSCURRENT";
      const move = { SecretId, VersionStage, MoveToVersionId, RemoveFromVersionId };
      await named(client.send(new UpdateSecretVersionStageCommand(move)));
    },
  };
};

import { AwsError } from "./aws-error";
import type { Operations } from "./fake-aws";

interface Version {
  value?: string;
  readonly stages: Set<string>;
}

interface Secret {
  readonly name: string;
  readonly arn: string;
  rotationEnabled: boolean;
  readonly versions: Map<string, Version>;
}

export interface FakeSecretsManager {
  readonly operations: Operations;
  /** Makes a secret without a value, as Terraform does. @returns its ARN. */
  declare(name: string): string;
  enableRotation(name: string): void;
  /** What Secrets Manager does before it calls createSecret: a version with a label and without a value. */
  announce(name: string, versionId: string, stage?: string): void;
  /** Version ids by label. */
  stages(name: string): Readonly<Record<string, string>>;
  /** Every value of every version of every secret. */
  values(): string[];
}

/** Secrets Manager's rules on versions and staging labels, by its API reference. */
export const fakeSecretsManager = (): FakeSecretsManager => {
  const secrets = new Map<string, Secret>();
  const missing = (what: string): AwsError =>
    new AwsError("ResourceNotFoundException", `Secrets Manager can't find the specified secret${what}.`);

  const find = (id: string): Secret => {
    const secret = [...secrets.values()].find(({ name, arn }) => name === id || arn === id);
    if (secret === undefined) throw missing("");
    return secret;
  };
  const holder = ({ versions }: Secret, stage: string): string | undefined =>
    [...versions].find(([, { stages }]) => stages.has(stage))?.[0];

  /** A label is on one version at a time; what loses AWSCURRENT becomes AWSPREVIOUS. */
  const label = (secret: Secret, versionId: string, stage: string): void => {
    const before = holder(secret, stage);
    if (before === versionId) return;
    if (before !== undefined) secret.versions.get(before)!.stages.delete(stage);
    secret.versions.get(versionId)!.stages.add(stage);
    if (stage !== "AWSCURRENT") return;
    secret.versions.get(versionId)!.stages.delete("AWSPREVIOUS");
    if (before !== undefined) label(secret, before, "AWSPREVIOUS");
  };

  return {
    declare: (name) => {
      const arn = `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-AbCd12`;
      secrets.set(name, { name, arn, rotationEnabled: false, versions: new Map() });
      return arn;
    },
    enableRotation: (name) => void (find(name).rotationEnabled = true),
    announce: (name, versionId, stage = "AWSPENDING") => {
      const secret = find(name);
      if (!secret.versions.has(versionId)) secret.versions.set(versionId, { stages: new Set() });
      label(secret, versionId, stage);
    },
    stages: (name) =>
      Object.fromEntries(
        [...find(name).versions].flatMap(([id, { stages }]) => [...stages].map((stage) => [stage, id])),
      ),
    values: () =>
      [...secrets.values()].flatMap(({ versions }) => [...versions.values()].flatMap(({ value }) => value ?? [])),
    operations: {
      GetSecretValue: (body: { SecretId: string; VersionId?: string; VersionStage?: string }) => {
        const secret = find(body.SecretId);
        const stage = body.VersionStage ?? (body.VersionId === undefined ? "AWSCURRENT" : undefined);
        const id = body.VersionId ?? holder(secret, stage!);
        const version = secret.versions.get(id ?? "");
        if (version?.value === undefined) throw missing(` value for ${stage ?? id}`);
        if (stage !== undefined && !version.stages.has(stage)) throw missing(` value for ${stage} and ${id}`);
        const { name: Name, arn: ARN } = secret;
        return { ARN, Name, VersionId: id, SecretString: version.value, VersionStages: [...version.stages] };
      },
      PutSecretValue: (body: {
        SecretId: string;
        SecretString: string;
        ClientRequestToken: string;
        VersionStages?: string[];
      }) => {
        const secret = find(body.SecretId);
        const { SecretString, ClientRequestToken: token, VersionStages = ["AWSCURRENT"] } = body;
        if (token.length < 32 || token.length > 64)
          throw new AwsError("InvalidParameterException", "ClientRequestToken");
        const version = secret.versions.get(token) ?? { stages: new Set<string>() };
        if (version.value !== undefined && version.value !== SecretString) {
          throw new AwsError("ResourceExistsException", "You can't modify the value of an existing version.");
        }
        const repeated = version.value !== undefined;
        version.value = SecretString;
        secret.versions.set(token, version);
        if (!repeated) for (const stage of VersionStages) label(secret, token, stage);
        return { ARN: secret.arn, Name: secret.name, VersionId: token, VersionStages: [...version.stages] };
      },
      DescribeSecret: ({ SecretId }: { SecretId: string }) => {
        const { name: Name, arn: ARN, rotationEnabled: RotationEnabled, versions } = find(SecretId);
        const labelled = [...versions].filter(([, { stages }]) => stages.size > 0);
        const VersionIdsToStages = Object.fromEntries(labelled.map(([id, { stages }]) => [id, [...stages]]));
        return { ARN, Name, RotationEnabled, VersionIdsToStages };
      },
      UpdateSecretVersionStage: (body: {
        SecretId: string;
        VersionStage: string;
        MoveToVersionId?: string;
        RemoveFromVersionId?: string;
      }) => {
        const secret = find(body.SecretId);
        if (holder(secret, body.VersionStage) !== body.RemoveFromVersionId) {
          throw new AwsError("InvalidParameterException", "RemoveFromVersionId does not have the staging label.");
        }
        // Without a version to move to, the label is removed.
        if (body.MoveToVersionId === undefined) {
          secret.versions.get(body.RemoveFromVersionId ?? "")?.stages.delete(body.VersionStage);
          return { ARN: secret.arn, Name: secret.name };
        }
        if (secret.versions.get(body.MoveToVersionId)?.value === undefined) throw missing(" version");
        label(secret, body.MoveToVersionId, body.VersionStage);
        return { ARN: secret.arn, Name: secret.name };
      },
    },
  };
};

import { randomUUID } from "node:crypto";
import { jsonBody, type AwsRequest } from "../aws-request";
import type { SecretIndex } from "../secret-index";
import type { LambdaInvoke } from "./lambda-invoke";
import { jsonAnswer, jsonError, type Answer, type StandIn } from "./stand-in";

/** The order in which Secrets Manager calls the function (User Guide, "Lambda rotation functions"). */
export const ROTATION_STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

/**
 * Secrets Manager's side of a rotation. The emulator stores the schedule, but would call the function through Docker
 * and copies the current value into the pending version, which would leave nothing for `createSecret` to do.
 *
 * - `RotateSecret` with `RotateImmediately: false` (Terraform): stored by the emulator; then `testSecret` runs alone,
 *   as AWS does, and the pending version that it was given is removed.
 * - `RotateSecret` without it: the four steps, with a version that exists by its label only until `createSecret` fills it.
 */
export function secretRotation(
  secrets: SecretIndex,
  lambda: LambdaInvoke,
  forward: (request: AwsRequest) => Promise<Answer>,
): StandIn {
  const rotationFunction = new Map<string, string>();
  /** Secret ARN to the version that is pending without a value. */
  const pending = new Map<string, string>();

  const call = async (request: AwsRequest, action: string, body: unknown): Promise<Answer> => {
    const headers = { ...request.headers, "x-amz-target": `secretsmanager.${action}`, "content-length": undefined };
    return forward({ ...request, action, headers, body: Buffer.from(JSON.stringify(body)) });
  };
  const describe = async (request: AwsRequest, arn: string): Promise<Record<string, unknown>> =>
    JSON.parse((await call(request, "DescribeSecret", { SecretId: arn })).body) as Record<string, unknown>;
  const run = async (
    request: AwsRequest,
    arn: string,
    token: string,
    steps: readonly string[],
  ): Promise<Answer | undefined> => {
    const name = rotationFunction.get(arn);
    if (name === undefined) return jsonError("InvalidRequestException", `'${arn}' has no rotation function`);
    for (const Step of steps) {
      const event = JSON.stringify({ Step, SecretId: arn, ClientRequestToken: token });
      const outcome = await lambda.invoke(name, request.region, event);
      if (outcome.failed) return jsonError("InvalidRequestException", `${Step}: ${outcome.payload}`);
    }
    return undefined;
  };

  const store = async (request: AwsRequest, arn: string, body: Record<string, unknown>): Promise<Answer> => {
    const answer = await forward(request);
    if (answer.status >= 300) return answer;
    const stages = (await describe(request, arn)).VersionIdsToStages as Record<string, string[]> | undefined;
    const copied = Object.entries(stages ?? {}).find(([, labels]) => labels.includes("AWSPENDING"))?.[0];
    const token = copied ?? randomUUID();
    const fault = await run(request, arn, token, ["testSecret"]);
    if (copied !== undefined)
      await call(request, "UpdateSecretVersionStage", {
        SecretId: arn,
        VersionStage: "AWSPENDING",
        RemoveFromVersionId: copied,
      });
    return fault ?? { ...answer, body: JSON.stringify({ ARN: arn, Name: body.Name, VersionId: token }) };
  };

  const rotate = async (request: AwsRequest, body: Record<string, unknown>): Promise<Answer> => {
    const secret = secrets.find(String(body.SecretId));
    if (!secret) return jsonError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    if (typeof body.RotationLambdaARN === "string") rotationFunction.set(secret.arn, body.RotationLambdaARN);
    if (body.RotateImmediately === false) return store(request, secret.arn, { ...body, Name: secret.name });
    const token = typeof body.ClientRequestToken === "string" ? body.ClientRequestToken : randomUUID();
    pending.set(secret.arn, token);
    const fault = await run(request, secret.arn, token, ROTATION_STEPS);
    pending.delete(secret.arn);
    return fault ?? jsonAnswer({ ARN: secret.arn, Name: secret.name, VersionId: token });
  };

  return {
    name: "Secrets Manager rotation",
    why: "the emulator calls rotation functions in Docker only, and fills the pending version itself",
    answer: async (request) => {
      if (request.service !== "secretsmanager") return undefined;
      const body = jsonBody(request);
      if (request.action === "RotateSecret") return rotate(request, body);
      const arn = secrets.find(String(body.SecretId))?.arn;
      // Without a label the current version is meant; the emulator goes on giving the one before the rotation.
      if (request.action === "GetSecretValue" && arn !== undefined && rotationFunction.has(arn))
        if (body.VersionId === undefined && body.VersionStage === undefined)
          return call(request, "GetSecretValue", { ...body, VersionStage: "AWSCURRENT" });
      const token = arn === undefined ? undefined : pending.get(arn);
      if (token === undefined || request.action !== "DescribeSecret") return undefined;
      const described = await describe(request, arn!);
      const stages = (described.VersionIdsToStages ?? {}) as Record<string, string[]>;
      if (stages[token] === undefined) stages[token] = ["AWSPENDING"];
      return jsonAnswer({ ...described, VersionIdsToStages: stages });
    },
    remaining: () => pending.size,
  };
}

import { jsonBody, type AwsRequest } from "./aws-request";
import type { SecretIndex } from "./secret-index";

/** What an authorization decision about a call depends on. */
export interface CallResources {
  readonly resources: readonly string[];
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/**
 * The ARNs and condition keys of a call to one of the services that the site's runtime principals use (Service
 * Authorization Reference, "Actions, resources, and condition keys for AWS Secrets Manager / DynamoDB / Lambda").
 * Other services: nothing; only Terraform calls them.
 */
export function callResources(request: AwsRequest, account: string, secrets: SecretIndex): CallResources {
  if (request.service === "secretsmanager") return ofSecret(request, secrets);
  if (request.service === "dynamodb") return ofTable(request, account);
  if (request.service === "lambda") {
    const name = /^\/2015-03-31\/functions\/([^/?]+)/.exec(request.url)?.[1];
    if (name === undefined) return { resources: [], context: {} };
    const bare = decodeURIComponent(name).replace(/^.*:function:/, "");
    return { resources: [`arn:aws:lambda:${request.region}:${account}:function:${bare}`], context: {} };
  }
  return { resources: [], context: {} };
}

function ofSecret(request: AwsRequest, secrets: SecretIndex): CallResources {
  const body = jsonBody(request);
  const id = text(body.SecretId) ?? text(body.Name);
  if (id === undefined) return { resources: [], context: {} };
  const secret = secrets.find(id);
  const context: Record<string, string> = { "secretsmanager:SecretId": secret?.arn ?? id };
  const stage = text(body.VersionStage);
  if (stage !== undefined) context["secretsmanager:VersionStage"] = stage;
  const version = text(body.VersionId);
  if (version !== undefined) context["secretsmanager:VersionId"] = version;
  return { resources: [secret?.arn ?? id], context };
}

function ofTable(request: AwsRequest, account: string): CallResources {
  const body = jsonBody(request);
  const table = text(body.TableName);
  if (table === undefined) return { resources: [], context: {} };
  const key = (body.Key ?? body.Item) as { pk?: { S?: string } } | undefined;
  const context: Record<string, string | string[]> = {};
  if (key?.pk?.S !== undefined) context["dynamodb:LeadingKeys"] = [key.pk.S];
  const returned = text(body.ReturnValues);
  if (returned !== undefined) context["dynamodb:ReturnValues"] = returned;
  return { resources: [`arn:aws:dynamodb:${request.region}:${account}:table/${table}`], context };
}

import type { IncomingHttpHeaders } from "node:http";

/** One request of an AWS client, as far as its headers and body say without a service model. */
export interface AwsRequest {
  /** Undefined for an unsigned request. */
  readonly accessKeyId: string | undefined;
  /** Signing name, for example `secretsmanager`. */
  readonly service: string;
  readonly region: string;
  /** The API's word, for example `GetSecretValue`; for REST services other than Lambda's main calls, method and path. */
  readonly action: string;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Lambda speaks REST: these are the calls that the run must know by name. */
const LAMBDA: readonly (readonly [method: string, path: RegExp, action: string])[] = [
  ["POST", /^\/2015-03-31\/functions$/, "CreateFunction"],
  ["POST", /^\/2015-03-31\/functions\/[^/]+\/invocations$/, "Invoke"],
  ["PUT", /^\/2015-03-31\/functions\/[^/]+\/code$/, "UpdateFunctionCode"],
  ["PUT", /^\/2015-03-31\/functions\/[^/]+\/configuration$/, "UpdateFunctionConfiguration"],
  ["DELETE", /^\/2015-03-31\/functions\/[^/]+$/, "DeleteFunction"],
  ["POST", /^\/2015-03-31\/functions\/[^/]+\/policy$/, "AddPermission"],
  ["DELETE", /^\/2015-03-31\/functions\/[^/]+\/policy\/[^/]+$/, "RemovePermission"],
];

/** Reads who calls what from a request (AWS Signature Version 4: the credential scope names key, region and service). */
export function readAwsRequest(method: string, url: string, headers: IncomingHttpHeaders, body: Buffer): AwsRequest {
  const scope = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(headers.authorization ?? "");
  const service = scope?.[3] ?? "unsigned";
  return {
    accessKeyId: scope?.[1],
    region: scope?.[2] ?? "",
    service,
    action: actionOf(service, method, url, headers, body),
    method,
    url,
    headers,
    body,
  };
}

function actionOf(service: string, method: string, url: string, headers: IncomingHttpHeaders, body: Buffer): string {
  const target = headers["x-amz-target"];
  if (typeof target === "string") return target.slice(target.lastIndexOf(".") + 1);
  const path = url.split("?")[0]!.replace(/\/$/, "");
  if (service === "lambda") {
    const known = LAMBDA.find(([verb, pattern]) => verb === method && pattern.test(path));
    if (known) return known[2];
  }
  if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
    const action = new URLSearchParams(body.toString("utf8")).get("Action");
    if (action) return action;
  }
  return `${method} ${path || "/"}`;
}

/** The JSON body; an empty object when there is none. */
export function jsonBody(request: AwsRequest): Record<string, unknown> {
  return request.body.length === 0 ? {} : (JSON.parse(request.body.toString("utf8")) as Record<string, unknown>);
}

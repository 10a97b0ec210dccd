import { PRINCIPALS, type Principal } from "./principals";
import { parseXml, type XmlElement } from "./xml";

/** Namespaces of the JSON protocols, by signing name. */
const TARGETS: Readonly<Record<string, string>> = {
  ecs: "AmazonEC2ContainerServiceV20141113",
  kms: "TrentService",
  secretsmanager: "secretsmanager",
  dynamodb: "DynamoDB_20120810",
  logs: "Logs_20140328",
};
/** API versions of the query protocols. */
const VERSIONS: Readonly<Record<string, string>> = {
  ec2: "2016-11-15",
  elasticloadbalancing: "2015-12-01",
  iam: "2010-05-08",
  sts: "2011-06-15",
};

/** Asks the deployed account, through the proxy, without a client library for each service. */
export class AwsApi {
  constructor(
    private readonly endpoint: () => string,
    private readonly region: string,
    private readonly principal: Principal = "operator",
  ) {}

  /** A call to a service that speaks JSON. @throws with the service's error. */
  async json<T = Record<string, unknown>>(service: string, action: string, input: unknown): Promise<T> {
    const headers = { "x-amz-target": `${TARGETS[service]!}.${action}`, "content-type": "application/x-amz-json-1.1" };
    return JSON.parse(await this.#call(service, action, "POST", "/", headers, JSON.stringify(input))) as T;
  }

  /** A call to a service that speaks forms and XML. @throws with the service's error. */
  async query(service: string, action: string, input: Readonly<Record<string, string>> = {}): Promise<XmlElement> {
    const body = new URLSearchParams({ Action: action, Version: VERSIONS[service]!, ...input }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
    return parseXml(await this.#call(service, action, "POST", "/", headers, body));
  }

  /** A call to a REST service. @throws with the service's error. */
  async rest(service: string, method: string, path: string, body?: unknown): Promise<string> {
    return this.#call(
      service,
      `${method} ${path}`,
      method,
      path,
      {},
      body === undefined ? undefined : JSON.stringify(body),
    );
  }

  async #call(
    service: string,
    action: string,
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
  ): Promise<string> {
    const scope = `${PRINCIPALS[this.principal]}/20260101/${this.region}/${service}/aws4_request`;
    const response = await fetch(this.endpoint() + path, {
      method,
      headers: {
        ...headers,
        // The emulator routes by the credential scope and verifies no signature.
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${service} ${action}: ${response.status} ${text}`);
    return text;
  }
}

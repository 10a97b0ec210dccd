import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { readAwsRequest, jsonBody, type AwsRequest } from "./aws-request";
import { callResources } from "./call-resources";
import { credentialsOf, principalOf } from "./principals";
import type { RecordedCall } from "./recorded-call";
import { SecretIndex } from "./secret-index";
import type { Answer, StandIn } from "./stand-ins/stand-in";

type RawAnswer = Omit<Answer, "body"> & { readonly body: string | Buffer };

/**
 * The reverse proxy in front of the emulator: records every AWS call with its principal, action and resources, lets the
 * stand-ins answer what the emulator lacks, and passes everything else through unchanged. It also plays the task
 * credentials endpoint of ECS (`/v2/credentials/...` on 169.254.170.2).
 */
export class AwsProxy {
  readonly calls: RecordedCall[] = [];
  readonly secrets = new SecretIndex();
  readonly standIns: StandIn[] = [];
  /** Calls answered, by stand-in name. */
  readonly answered = new Map<string, number>();
  readonly #servers: ReturnType<typeof createServer>[] = [];
  readonly #started = performance.now();
  #url = "";

  constructor(
    private readonly emulator: string,
    private readonly account: string,
  ) {}

  /** `http://127.0.0.1:<port>` */
  get url(): string {
    return this.#url;
  }

  /** Listens on a loopback port, and on a Unix socket by which other network namespaces reach it. */
  async listen(socketPath: string): Promise<void> {
    for (const where of [{ port: 0, host: "127.0.0.1" }, { path: socketPath }]) {
      const server = createServer((request, response) => void this.#serve(request, response));
      server.keepAliveTimeout = 120_000;
      this.#servers.push(server);
      await new Promise<void>((resolve, reject) => server.once("error", reject).listen(where, resolve));
      const address = server.address();
      if (address !== null && typeof address !== "string") this.#url = `http://127.0.0.1:${address.port}`;
    }
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const answer = await this.#answer(incoming, Buffer.concat(chunks));
      // A stand-in may have changed the body; only of HEAD is the length that of another answer.
      const length = incoming.method === "HEAD" ? {} : { "content-length": String(Buffer.byteLength(answer.body)) };
      response.writeHead(answer.status, { ...answer.headers, ...length }).end(answer.body);
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { "content-type": "text/plain" }).end(`proxy: ${fault}`);
    }
  }

  async #answer(incoming: IncomingMessage, body: Buffer): Promise<RawAnswer> {
    const url = incoming.url ?? "/";
    if (url.startsWith("/v2/credentials/")) return this.#taskCredentials();
    const request = readAwsRequest(incoming.method ?? "GET", url, incoming.headers, body);
    for (const standIn of this.standIns) {
      const answer = await standIn.answer(request);
      if (answer === undefined) continue;
      this.answered.set(standIn.name, (this.answered.get(standIn.name) ?? 0) + 1);
      this.#record(request, answer.status, standIn.name);
      return answer;
    }
    const answer = await this.#forward(request);
    this.#learn(request, answer);
    this.#record(request, answer.status);
    return answer;
  }

  /** To the emulator, unrecorded: for the stand-ins' own use. */
  forward = async (request: AwsRequest): Promise<Answer> => {
    const answer = await this.#forward(request);
    return { ...answer, body: answer.body.toString() };
  };

  #forward(request: AwsRequest): Promise<RawAnswer> {
    const headers = { ...request.headers, "content-length": String(request.body.length) };
    delete headers["transfer-encoding"];
    delete headers.connection;
    delete headers.expect;
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        new URL(request.url, this.emulator),
        { method: request.method, headers, agent: false },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk)).once("error", reject);
          incoming.once("end", () => {
            const kept = Object.entries(incoming.headers).filter(
              (entry): entry is [string, string] =>
                typeof entry[1] === "string" && !["connection", "transfer-encoding", "keep-alive"].includes(entry[0]),
            );
            resolve({
              status: incoming.statusCode ?? 502,
              headers: Object.fromEntries(kept),
              body: Buffer.concat(chunks),
            });
          });
        },
      );
      outgoing.once("error", reject).end(request.body);
    });
  }

  #learn(request: AwsRequest, answer: RawAnswer): void {
    if (request.service !== "secretsmanager" || request.action !== "CreateSecret" || answer.status !== 200) return;
    const { ARN, Name } = JSON.parse(answer.body.toString()) as { ARN: string; Name: string };
    const key = jsonBody(request).KmsKeyId;
    this.secrets.learn({ arn: ARN, name: Name, kmsKeyId: typeof key === "string" ? key : undefined });
  }

  #record(request: AwsRequest, status: number, standIn?: string): void {
    this.calls.push({
      at: Math.round(performance.now() - this.#started),
      principal: principalOf(request.accessKeyId ?? "") ?? "unknown",
      service: request.service,
      action: request.action,
      ...callResources(request, this.account, this.secrets),
      status,
      ...(standIn === undefined ? {} : { standIn }),
    });
  }

  #taskCredentials(): RawAnswer {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = credentialsOf("broker");
    const body = JSON.stringify({
      RoleArn: "task-role",
      AccessKeyId: AWS_ACCESS_KEY_ID,
      SecretAccessKey: AWS_SECRET_ACCESS_KEY,
      Token: "throwaway",
      Expiration: new Date(Date.now() + 6 * 3_600_000).toISOString(),
    });
    return { status: 200, headers: { "content-type": "application/json" }, body };
  }
}

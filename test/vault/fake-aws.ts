import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import { AwsError } from "./aws-error";
import { fakeSecretsManager, type FakeSecretsManager } from "./fake-secrets-manager";
import { fakeTable, type FakeTable } from "./fake-table";

/** One API's operations by name: a request's body to its answer. */
export type Operations = Readonly<Record<string, (body: never) => object>>;

export interface FakeAws {
  readonly secrets: FakeSecretsManager;
  readonly table: FakeTable;
  /** Every call in order, for example `GetSecretValue`. */
  readonly calls: string[];
  /** The next `times` calls of this operation are refused with AccessDeniedException. */
  refuse(operation: string, times: number): void;
  /** The next call of this operation is done, but its answer is lost, so that the SDK repeats it. */
  loseAnswer(operation: string): void;
  /** For the environment of a process that is to talk to this fake. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
};

/**
 * The two AWS APIs that a vault uses, in this process, over HTTP on loopback and in AWS's own wire format (JSON 1.0 and
 * 1.1): small, but true to their rules on versions, staging labels and conditions, which is what the tests are about.
 */
export const startFakeAws = async (): Promise<FakeAws> => {
  const secrets = fakeSecretsManager();
  const table = fakeTable();
  const operations: Operations = { ...secrets.operations, ...table.operations };
  const calls: string[] = [];
  const refused = new Map<string, number>();
  const lost = new Set<string>();

  const server = createServer((request, response) => {
    const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
    };
    void textOf(request).then((text) => {
      calls.push(operation);
      const left = refused.get(operation) ?? 0;
      refused.set(operation, left - 1);
      try {
        if (left > 0) throw new AwsError("AccessDeniedException", `not authorized to perform ${operation}`);
        const work = operations[operation];
        if (work === undefined) throw new AwsError("UnknownOperationException", operation);
        const result = work(JSON.parse(text) as never);
        if (lost.delete(operation)) request.socket.destroy();
        else answer(200, result);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        answer(400, { __type: error.code, message: error.message, ...error.more });
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    secrets,
    table,
    calls,
    refuse: (operation, times) => void refused.set(operation, times),
    loseAnswer: (operation) => void lost.add(operation),
    env: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "not-to-be-logged",
      AWS_EC2_METADATA_DISABLED: "true",
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

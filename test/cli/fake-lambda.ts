import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What was asked of a function. */
export interface Invocation {
  readonly functionName: string;
  readonly event: unknown;
}

export interface FakeLambda {
  /** What makes the AWS SDK of a child process come here. */
  readonly env: Readonly<Record<string, string>>;
  readonly invocations: readonly Invocation[];
  close(): Promise<void>;
}

/** AWS Lambda's Invoke over HTTP, as much as `dmz enrol` sees of it: a result, an error of the function, or no such function. */
export async function fakeLambda(
  functions: Readonly<Record<string, (event: never) => Promise<unknown>>>,
): Promise<FakeLambda> {
  const invocations: Invocation[] = [];
  const server = createServer((request, response) => {
    const answer = (status: number, headers: Record<string, string>, body: unknown): void =>
      void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    invoke(request).then(
      ({ found, result }) =>
        found
          ? answer(200, {}, result)
          : answer(404, { "x-amzn-errortype": "ResourceNotFoundException" }, { Message: "Function not found" }),
      (error: Error) =>
        answer(200, { "x-amz-function-error": "Unhandled" }, { errorType: error.name, errorMessage: error.message }),
    );
  });
  const invoke = async (request: IncomingMessage): Promise<{ found: boolean; result?: unknown }> => {
    const functionName = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? "")?.[1] ?? "";
    const event: unknown = JSON.parse(await text(request));
    invocations.push({ functionName, event });
    const code = functions[functionName];
    return code ? { found: true, result: await code(event as never) } : { found: false };
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    env: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_EC2_METADATA_DISABLED: "true",
    },
    invocations,
    close: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

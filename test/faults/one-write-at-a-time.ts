import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** DynamoDB as it is, with an emulator behind it that is not: conditional writes decide one after the other. */
export interface OneWriteAtATime {
  readonly url: string;
  /** Conditional writes that were refused. */
  readonly refused: number;
  /** The next takings of the lease wait until there are so many of them: all have read the same, and none has written. */
  readonly gather: (count: number) => void;
  /** Whether conditions reach the table. @default true */
  areConditional: boolean;
  readonly close: () => Promise<void>;
}

const WRITE = /^DynamoDB_\d+\.(?!GetItem|DescribeTable|Query|Scan)/;
/** A write that begins an epoch, and no other, sets this. */
const TAKES = '"SET #epoch =';

/** An HTTP proxy in front of the emulator, shared by all brokers. */
export async function oneWriteAtATime(target: string): Promise<OneWriteAtATime> {
  const { hostname, port } = new URL(target);
  let last: Promise<void> = Promise.resolve();
  let refused = 0;
  let expected = 0;
  let holders = new Set<string>();
  const waiting: (() => void)[] = [];

  /** Somebody who gave up waiting and asks again is still one. */
  const together = (holder: string): Promise<void> =>
    new Promise((resolve) => {
      holders.add(holder);
      waiting.push(resolve);
      if (holders.size < expected) return;
      expected = 0;
      for (const go of waiting.splice(0)) go();
    });

  /** @returns when the emulator has answered, or cannot. */
  const pass = (asked: IncomingMessage, body: Buffer, answer: ServerResponse): Promise<void> =>
    new Promise((resolve) => {
      const headers = { ...asked.headers, "content-length": String(body.length) };
      const out = request({ hostname, port, method: asked.method, path: asked.url, headers }, (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.on("close", () => {
          const said = Buffer.concat(chunks);
          if (reply.statusCode === 400 && said.includes("ConditionalCheckFailedException")) refused += 1;
          answer.writeHead(reply.statusCode ?? 502, reply.headers).end(said);
          resolve();
        });
      });
      out.on("error", () => {
        answer.destroy();
        resolve();
      });
      out.end(body);
    });

  const handle = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk as Buffer);
    let body: Buffer = Buffer.concat(chunks);
    if (!WRITE.test(String(asked.headers["x-amz-target"]))) return pass(asked, body, answer);
    if (body.includes(TAKES)) {
      if (expected > 0) await together(holderIn(body));
      if (!queue.areConditional) body = withoutCondition(body);
    }
    last = last.then(() => pass(asked, body, answer));
    return last;
  };

  const server = createServer((asked, answer) => {
    // A client that is cut off in the middle of what it asks.
    handle(asked, answer).catch(() => answer.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const queue: OneWriteAtATime = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get refused() {
      return refused;
    },
    gather: (count) => {
      expected = count;
      holders = new Set();
    },
    areConditional: true,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return queue;
}

const holderIn = (body: Buffer): string =>
  (JSON.parse(body.toString()) as { ExpressionAttributeValues: { ":holder": { S: string } } })
    .ExpressionAttributeValues[":holder"].S;

/** The same write whatever the item is: values that only the condition used must go with it. */
function withoutCondition(body: Buffer): Buffer {
  const write = JSON.parse(body.toString()) as Record<string, unknown>;
  delete write["ConditionExpression"];
  const used = (names: unknown): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries((names ?? {}) as Record<string, unknown>).filter(([name]) =>
        String(write["UpdateExpression"]).includes(name),
      ),
    );
  return Buffer.from(
    JSON.stringify({
      ...write,
      ExpressionAttributeNames: used(write["ExpressionAttributeNames"]),
      ExpressionAttributeValues: used(write["ExpressionAttributeValues"]),
    }),
  );
}

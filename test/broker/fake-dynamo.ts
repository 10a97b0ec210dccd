import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

type Attribute = { S?: string; N?: string; BOOL?: boolean };
type Item = Record<string, Attribute>;
interface Call {
  Key: Item;
  ConditionExpression?: string;
  UpdateExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Item;
  ReturnValues?: string;
}

export interface FakeDynamo {
  readonly url: string;
  /** By partition key. */
  readonly items: Map<string, Item>;
  /** Names of the API calls, in order. */
  readonly calls: string[];
  /** Takes requests and answers none. */
  isDeaf: boolean;
  readonly close: () => Promise<void>;
}

/** As much of DynamoDB as the lease uses: GetItem, and UpdateItem with `AND`ed comparisons and `SET`. Anything else fails. */
export async function fakeDynamo(): Promise<FakeDynamo> {
  const items = new Map<string, Item>();
  const calls: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      if (fake.isDeaf) return;
      const action = String(request.headers["x-amz-target"]).split(".")[1]!;
      calls.push(action);
      const call = JSON.parse(body) as Call;
      const key = call.Key["pk"]!.S!;
      const answer = (status: number, value: object): void => {
        response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
        response.end(JSON.stringify(value));
      };
      if (action === "GetItem") return answer(200, items.has(key) ? { Item: items.get(key) } : {});
      if (action !== "UpdateItem") return answer(400, { __type: "UnknownOperationException" });
      if (!holds(call, items.get(key)))
        return answer(400, {
          __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
          message: "no",
        });
      const item = update(call, items.get(key) ?? call.Key);
      items.set(key, item);
      answer(200, call.ReturnValues === "ALL_NEW" ? { Attributes: item } : {});
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const fake: FakeDynamo = {
    isDeaf: false,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    items,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}

function holds(
  { ConditionExpression = "", ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: Call,
  item: Item | undefined,
): boolean {
  return ConditionExpression.split(" AND ").every((condition) => {
    const missing = /^attribute_not_exists\((#\w+)\)$/.exec(condition);
    if (missing) return item?.[names[missing[1]!]!] === undefined;
    const [, name, value] = /^(#\w+) = (:\w+)$/.exec(condition)!;
    return JSON.stringify(item?.[names[name!]!]) === JSON.stringify(values[value!]);
  });
}

function update(
  { UpdateExpression = "", ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: Call,
  item: Item,
): Item {
  const next = { ...item };
  for (const part of UpdateExpression.replace(/^SET /, "").split(", ")) {
    const [, name, base, value] = /^(#\w+) = (?:(#\w+) \+ )?(:\w+)$/.exec(part)!;
    const given = values[value!]!;
    next[names[name!]!] = base ? { N: String(Number(item[names[base]!]!.N) + Number(given.N)) } : given;
  }
  return next;
}

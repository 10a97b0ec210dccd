import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";

export interface FakeSnapshot {
  readonly start: Readonly<Record<string, unknown>>;
  readonly blocks: Map<number, Buffer>;
  status: "pending" | "completed";
}

/** Stands for the EBS direct APIs as their reference describes them: it refuses what their checksums do not fit. */
export interface FakeEbs {
  readonly url: string;
  readonly snapshots: Map<string, FakeSnapshot>;
  /** How many blocks were sent in all. */
  readonly sent: () => number;
  /** Asked before each request is taken: an error's name refuses it. */
  refuse: (action: string, sent: number) => string | undefined;
  close(): Promise<void>;
}

const STATUS: Readonly<Record<string, number>> = { AccessDeniedException: 403, ResourceNotFoundException: 404 };
const sha256 = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();

export async function startFakeEbs(): Promise<FakeEbs> {
  const snapshots = new Map<string, FakeSnapshot>();
  let sent = 0;
  const fake: { refuse: FakeEbs["refuse"] } = { refuse: () => undefined };
  const answer = (response: ServerResponse, status: number, body: object, error?: string): void => {
    response.writeHead(status, { "content-type": "application/json", ...(error && { "x-amzn-errortype": error }) });
    response.end(JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts);
      const [, , id = "", , index] = request.url!.split("?")[0]!.split("/");
      const header = (name: string): string => String(request.headers[name]);
      const action = request.method === "PUT" ? "put" : id === "completion" ? "complete" : "start";
      const error = fake.refuse(action, sent);
      if (error) return answer(response, STATUS[error] ?? 400, { message: error }, error);
      if (action === "start") {
        const snapshot = `snap-${String(snapshots.size).padStart(17, "0")}`;
        const start = JSON.parse(body.toString()) as Record<string, unknown>;
        snapshots.set(snapshot, { start, blocks: new Map(), status: "pending" });
        return answer(response, 201, { SnapshotId: snapshot, Status: "pending" });
      }
      const snapshot = snapshots.get(action === "put" ? id : request.url!.split("/")[3]!.split("?")[0]!);
      if (snapshot?.status !== "pending")
        return answer(response, 404, { message: "no pending snapshot" }, "ResourceNotFoundException");
      if (action === "put") {
        sent += 1;
        if (header("x-amz-checksum") !== sha256(body).toString("base64") || body.length !== 512 * 1024)
          return answer(response, 400, { message: "checksum" }, "ValidationException");
        snapshot.blocks.set(Number(index), body);
        return answer(response, 201, {});
      }
      const all = [...snapshot.blocks].sort(([a], [b]) => a - b).map(([, bytes]) => sha256(bytes));
      const fits =
        header("x-amz-changedblockscount") === String(all.length) &&
        header("x-amz-checksum") === sha256(Buffer.concat(all)).toString("base64");
      if (!fits) return answer(response, 400, { message: "checksum" }, "ValidationException");
      snapshot.status = "completed";
      return answer(response, 202, { Status: "completed" });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(fake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    snapshots,
    sent: () => sent,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
}

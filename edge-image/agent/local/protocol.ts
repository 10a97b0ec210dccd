import { MESSAGE_LIMITS } from "../queue/record";

/** Version of the local protocol, said in the greeting. */
export const PROTOCOL = 1;

/** Bounds of the local socket. */
export const LOCAL_LIMITS = {
  ...MESSAGE_LIMITS,
  /** A header line, without its newline. */
  headerBytes: 4096,
  /** Connections of applications. */
  connections: 32,
  /** Messages of one connection that are not on disk yet: beyond it the agent stops reading. */
  waitingMessages: 1000,
  /** Payload bytes of one connection that are not on disk yet. */
  waitingBytes: 1024 * 1024,
  /** Answers that an application has not read: beyond it the agent stops reading. */
  unreadBytes: 256 * 1024,
} as const;

/** Why a request was refused. */
export type RefusalCode =
  "protocol" | "too-large" | "topic" | "not-sparkplug" | "metrics" | "queue-full" | "disk" | "unavailable";

/** A request that is refused; the connection goes on, unless the code is `protocol`. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message);
  }
}

/** What an application asks. `id` comes back in the answer. */
export type Request =
  | {
      readonly op: "publish";
      readonly id: number;
      readonly topic: string;
      readonly retain: boolean;
      readonly payload: Buffer;
    }
  | { readonly op: "birth" | "data"; readonly id: number; readonly device?: string; readonly payload: Buffer }
  | { readonly op: "commands"; readonly id: number };

/** A header line, checked. */
export interface Header {
  readonly op: Request["op"];
  readonly id: number;
  readonly bytes: number;
  readonly topic?: string;
  readonly retain: boolean;
  readonly device?: string;
}

const KEYS = ["op", "id", "bytes", "topic", "retain", "device"];
const OPS = ["publish", "birth", "data", "commands"];
/** What is still skipped to keep a connection whose message is too large. */
const SKIPPED_BYTES = 16 * 1024 * 1024;

/** Reads a header line. @throws Refusal with the code `protocol`, in words that quote nothing of the line */
export function parseHeader(line: string): Header {
  const wrong = (rule: string): Refusal => new Refusal("protocol", rule);
  let header: Partial<Header> | null;
  try {
    header = JSON.parse(line) as Partial<Header> | null;
  } catch {
    throw wrong("a header must be one line of JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) throw wrong("a header must be an object");
  if (Object.keys(header).some((key) => !KEYS.includes(key))) throw wrong(`a header holds only ${KEYS.join(", ")}`);
  const { op, id, bytes = 0, topic, retain = false, device } = header;
  if (typeof op !== "string" || !OPS.includes(op)) throw wrong(`'op' must be one of ${OPS.join(", ")}`);
  if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0) throw wrong("'id' must be a whole number from 0");
  if (typeof bytes !== "number" || !Number.isSafeInteger(bytes) || bytes < 0 || bytes > SKIPPED_BYTES)
    throw wrong(`'bytes' must be a whole number from 0 to ${SKIPPED_BYTES}`);
  if (op === "publish" ? typeof topic !== "string" : topic !== undefined)
    throw wrong("'topic' must be a text, for publish alone");
  if (device !== undefined && typeof device !== "string") throw wrong("'device' must be a text");
  if (typeof retain !== "boolean") throw wrong("'retain' must be true or false");
  if (op === "commands" && bytes > 0) throw wrong("'commands' has no payload");
  return { op, id, bytes, topic, retain, device };
}

export const toRequest = ({ op, id, topic, retain, device }: Header, payload: Buffer): Request => {
  if (op === "commands") return { op, id };
  return op === "publish" ? { op, id, topic: topic!, retain, payload } : { op, id, device, payload };
};

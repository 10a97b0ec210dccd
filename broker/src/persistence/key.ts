import type { KeyRange } from "./key-value";

/** Sequence numbers are written with so many digits that their order is the keys' order. */
const DIGITS = 16;

/** Any text as ASCII without a slash, so that no ClientId and no topic can reach into another's keys. */
const part = (text: string): string => encodeURIComponent(text);
const number = (value: number): string => value.toString().padStart(DIGITS, "0");

/** Where everything is kept. Every key of a session begins with its kind and its ClientId. */
export const key = {
  session: (clientId: string): string => `session/${part(clientId)}`,
  subscription: (clientId: string, filter: string): string => `subscription/${part(clientId)}/${part(filter)}`,
  message: (sequence: number): string => `message/${number(sequence)}`,
  queue: (clientId: string): string => `queue/${part(clientId)}/`,
  queued: (queue: string, sequence: number): string => queue + number(sequence),
  incoming: (clientId: string, packetId: number): string => `incoming/${part(clientId)}/${packetId}`,
  retained: (topic: string): string => `retained/${part(topic)}`,
  will: (clientId: string): string => `will/${part(clientId)}`,
  admission: (clientId: string): string => `admission/${part(clientId)}`,
  mark: (sequence: number): string => `mark/${number(sequence)}`,
} as const;

/** All keys of a kind, or of a session within it. */
export function keysOf(kind: keyof typeof PREFIX): KeyRange {
  const prefix = PREFIX[kind];
  // "0" is the character behind "/".
  return { gte: `${prefix}/`, lt: `${prefix}0` };
}
const PREFIX = {
  session: "session",
  subscription: "subscription",
  message: "message",
  queued: "queue",
  incoming: "incoming",
  retained: "retained",
  will: "will",
  admission: "admission",
  mark: "mark",
} as const;

/** What was put between the slashes of a key. */
export const partsOf = (text: string): string[] => {
  const parts = text.slice(text.indexOf("/") + 1).split("/");
  // A start asks for hundreds of thousands, of which few need it.
  return text.includes("%") ? parts.map(decodeURIComponent) : parts;
};

/** The number at the end of a key that ends with one. */
export const numberIn = (text: string): number => Number(text.slice(-DIGITS));

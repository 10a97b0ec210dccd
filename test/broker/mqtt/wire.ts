import type { Duplex } from "node:stream";

/** MQTT packets by hand, so that they can be wrong. */
export type Part = number | Buffer;

/** Length and bytes (MQTT 3.1.1, section 1.5.3), whatever they are. */
export const field = (content: string | readonly number[]): Buffer => {
  const bytes = typeof content === "string" ? Buffer.from(content) : Buffer.from(content);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

/** First byte, remaining length, parts. */
export const packet = (first: number, ...parts: readonly Part[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.from([part]) : part)));
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from([first, ...length]), body]);
};

export interface ConnectParts {
  readonly first?: number;
  readonly protocol?: string | readonly number[];
  readonly level?: number;
  /** @default user name, password, clean session */
  readonly flags?: number;
  readonly clientId?: string | readonly number[];
  readonly will?: readonly [topic: string | readonly number[], message: string];
  readonly userName?: string | readonly number[] | undefined;
  readonly password?: string | undefined;
  readonly trailing?: readonly number[];
}

/** A CONNECT of one who may come in, with what is asked for changed. */
export const connectPacket = (who: { name: string; password: string }, parts: ConnectParts = {}): Buffer => {
  const { first = 0x10, protocol = "MQTT", level = 4, flags = 0xc2, clientId = who.name, will, trailing = [] } = parts;
  const userName = "userName" in parts ? parts.userName : who.name;
  const password = "password" in parts ? parts.password : who.password;
  return packet(
    first,
    field(protocol),
    level,
    flags,
    0,
    60,
    field(clientId),
    ...(will ? [field(will[0]), field(will[1])] : []),
    ...(userName === undefined ? [] : [field(userName)]),
    ...(password === undefined ? [] : [field(password)]),
    Buffer.from(trailing),
  );
};

export const PINGREQ = packet(0xc0);
const PINGRESP = Buffer.from([0xd0, 0]);

/** How a conversation ended: the peer closed it, or it answered the PINGREQ that came last. */
export interface Answer {
  readonly ended: "closed" | "alive";
  readonly bytes: Buffer;
}

/** Sends bytes and then a PINGREQ, and collects the answer. */
export function talk(socket: Duplex, ...parts: readonly Buffer[]): Promise<Answer> {
  return new Promise((resolve) => {
    const answers: Buffer[] = [];
    const end = (ended: Answer["ended"]): void => {
      resolve({ ended, bytes: Buffer.concat(answers) });
      socket.destroy();
    };
    socket.on("error", () => undefined);
    socket.on("data", (part: Buffer) => {
      answers.push(part);
      if (Buffer.concat(answers).includes(PINGRESP)) end("alive");
    });
    socket.once("close", () => end("closed"));
    socket.write(Buffer.concat([...parts, PINGREQ]));
  });
}

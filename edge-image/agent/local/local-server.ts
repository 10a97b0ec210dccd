import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { FrameReader } from "./frame-reader";
import { LOCAL_LIMITS, PROTOCOL, Refusal, type Request, toRequest } from "./protocol";

/** What the socket's owner does with requests. */
export interface LocalHandler {
  /** What the greeting says besides the protocol's version and limits. */
  readonly greeting: () => Readonly<Record<string, unknown>>;
  /** @returns when the request is done: a message is on disk then. @throws Refusal */
  readonly handle: (request: Request) => Promise<void>;
  /** An application broke the protocol or sent too much, in words. */
  readonly misused: (text: string) => void;
}

export interface LocalServer {
  /** Hands a command to every application that asked for them. @returns how many got it */
  command(topic: string, payload: Buffer): number;
  close(): Promise<void>;
}

interface Application {
  readonly socket: Socket;
  readonly frames: FrameReader;
  waiting: number;
  waitingBytes: number;
  commands: boolean;
}

/** Opens the local socket, for the owner and its group. docs/edge-agent.md tells the protocol. */
export async function openLocalServer(path: string, handler: LocalHandler): Promise<LocalServer> {
  const applications = new Set<Application>();
  const server = createServer((socket) => {
    const application = { socket, frames: new FrameReader(), waiting: 0, waitingBytes: 0, commands: false };
    applications.add(application);
    socket.on("error", () => undefined);
    socket.on("close", () => applications.delete(application));
    answer(application, { event: "hello", protocol: PROTOCOL, limits: LOCAL_LIMITS, ...handler.greeting() });
    socket.on("data", (chunk: Buffer) => take(application, chunk, handler));
    socket.on("drain", () => readOn(application));
  });
  server.maxConnections = LOCAL_LIMITS.connections;
  // A process that was killed leaves its socket behind; nobody else may be where this unit's runtime folder is.
  await rm(path, { force: true });
  server.listen(path);
  await once(server, "listening");
  await chmod(path, 0o660);
  return {
    command: (topic, payload) => {
      const listeners = [...applications].filter(({ commands }) => commands);
      for (const application of listeners) {
        // Who does not read loses its connection rather than our memory.
        if (application.socket.writableLength > LOCAL_LIMITS.unreadBytes) application.socket.destroy();
        else answer(application, { event: "command", topic, bytes: payload.length }, payload);
      }
      return listeners.length;
    },
    close: async () => {
      server.close();
      for (const { socket } of applications) socket.destroySoon();
      await rm(path, { force: true });
    },
  };
}

function take(application: Application, chunk: Buffer, handler: LocalHandler): void {
  try {
    for (const frame of application.frames.push(chunk)) {
      if ("payload" in frame) void perform(application, toRequest(frame.header, frame.payload), handler);
      else refuse(application, frame.header.id, tooLarge(frame.header.bytes), handler);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    handler.misused(`an application broke the local protocol: ${error.message}; its connection was closed`);
    answer(application, { error: error.code, message: error.message });
    application.socket.removeAllListeners("data");
    application.socket.destroySoon();
    return;
  }
  if (isBusy(application)) application.socket.pause();
}

const tooLarge = (bytes: number): Refusal =>
  new Refusal("too-large", `a payload has at most ${LOCAL_LIMITS.payloadBytes} bytes, this one had ${bytes}`);

async function perform(application: Application, request: Request, handler: LocalHandler): Promise<void> {
  const bytes = "payload" in request ? request.payload.length : 0;
  application.waiting++;
  application.waitingBytes += bytes;
  try {
    if (request.op === "commands") application.commands = true;
    else await handler.handle(request);
    answer(application, { id: request.id, ok: true });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuse(application, request.id, error, handler);
  } finally {
    application.waiting--;
    application.waitingBytes -= bytes;
    readOn(application);
  }
}

function refuse(application: Application, id: number, refusal: Refusal, handler: LocalHandler): void {
  if (refusal.code === "too-large") handler.misused(refusal.message);
  answer(application, { id, error: refusal.code, message: refusal.message });
}

const isBusy = ({ socket, waiting, waitingBytes }: Application): boolean =>
  waiting >= LOCAL_LIMITS.waitingMessages ||
  waitingBytes >= LOCAL_LIMITS.waitingBytes ||
  socket.writableLength >= LOCAL_LIMITS.unreadBytes;

function readOn(application: Application): void {
  if (application.socket.isPaused() && !isBusy(application)) application.socket.resume();
}

function answer({ socket }: Application, line: object, payload?: Buffer): void {
  if (!socket.writable) return;
  // All answers of one batch leave in one write.
  if (socket.writableCorked === 0) {
    socket.cork();
    process.nextTick(() => socket.uncork());
  }
  socket.write(`${JSON.stringify(line)}\n`);
  if (payload) socket.write(payload);
}

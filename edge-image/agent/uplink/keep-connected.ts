import { setTimeout as pause } from "node:timers/promises";
import type { MqttClient } from "mqtt";
import { childSignal } from "../child-signal";
import type { DeviceIdentity } from "../identity/read-identity";
import type { Log } from "../log";
import type { PeerCheck } from "../time/peer-check";
import type { BackOff } from "./back-off";
import { dial } from "./dial";
import { openSession, type Will } from "./session";
import { watchAnswers } from "./watch-answers";

/** What a connection is used for, from CONNACK to its end. */
export interface Uplink {
  /** The will of the next connection; called once each. */
  readonly will: () => Promise<Will | undefined>;
  /** How the next connection accepts the broker's certificate. */
  readonly check: (url: string) => Promise<PeerCheck>;
  /** The broker accepted us. @param wasEnded did the broker end it in order? @returns when the connection is of no use any more; the client is ended then */
  readonly use: (client: MqttClient, gone: AbortSignal, wasEnded: () => boolean) => Promise<void>;
  /** How long a broker may acknowledge nothing of what is under way, ms. */
  readonly answerMs: number;
  /** An attempt failed, in words. */
  readonly failed: (url: string, error: Error) => void;
}

/** A connection that held this long counts as good: the pauses begin anew, ms. */
const GOOD_MS = 30_000;

/** How long the last words may take when the agent is to stop, ms: less than systemd waits. */
const LEAVE_MS = 5_000;

/** Keeps one connection to one of the brokers until `signal` aborts, walking on to the next address after each failure. */
export async function keepConnected(
  identity: DeviceIdentity,
  uplink: Uplink,
  backOff: BackOff,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const { brokers } = identity.device;
  for (let attempt = 0; !signal.aborted; attempt++) {
    const url = brokers[attempt % brokers.length]!;
    let connectedAt: number | undefined;
    let isStuck = false;
    try {
      const { client, wasEnded } = await connectOnce(url, identity, uplink, signal);
      connectedAt = performance.now();
      log("info", "connected", `to ${url} as ${identity.name}`);
      await useUntilGone({ client, wasEnded }, uplink, signal, () => (isStuck = true));
      if (!signal.aborted && !isStuck) log("warning", "disconnected", `from ${url}`);
    } catch (error) {
      if (signal.aborted) break;
      if (!isStuck) uplink.failed(url, error instanceof Error ? error : new Error(String(error)));
    }
    // What was asked when we hung up fails as well, with words that say less.
    if (isStuck) uplink.failed(url, new Error(`the broker acknowledged nothing for ${uplink.answerMs / 1000} s`));
    // One that acknowledges nothing is no good however long it held: the next address may lead to a better one.
    if (connectedAt !== undefined && !isStuck) {
      // The address that worked is tried first; it only lost its turn if it held for no time.
      if (performance.now() - connectedAt > GOOD_MS) {
        backOff.reset();
        attempt--;
      }
    }
    // Each address once before the pauses grow: the next may be up.
    await pause(backOff.next(), undefined, { signal }).catch(() => undefined);
  }
}

interface Session {
  readonly client: MqttClient;
  readonly wasEnded: () => boolean;
}

async function connectOnce(
  url: string,
  identity: DeviceIdentity,
  uplink: Uplink,
  signal: AbortSignal,
): Promise<Session> {
  const { stream, wasEnded } = await dial(url, identity, await uplink.check(url), signal);
  return { client: await openSession(stream, identity, await uplink.will(), signal), wasEnded };
}

async function useUntilGone(
  { client, wasEnded }: Session,
  uplink: Uplink,
  signal: AbortSignal,
  stuck: () => void,
): Promise<void> {
  const gone = childSignal(signal);
  // Ended by us: no message is suspected for it.
  const drop = (): void => void client.end(true);
  const unwatch = watchAnswers(client, uplink.answerMs, () => {
    stuck();
    drop();
  });
  const hurry = (): void => void setTimeout(drop, LEAVE_MS).unref();
  signal.addEventListener("abort", hurry, { once: true });
  const closed = new Promise<void>((resolve) => client.once("close", resolve));
  client.once("close", gone.abort);
  if (!client.connected) gone.abort();
  try {
    await uplink.use(client, gone.signal, wasEnded);
  } finally {
    gone.release();
    if (client.connected) await Promise.race([client.endAsync(), closed]);
    signal.removeEventListener("abort", hurry);
    unwatch();
  }
}

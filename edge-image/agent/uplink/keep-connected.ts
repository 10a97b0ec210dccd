import { setTimeout as pause } from "node:timers/promises";
import type { MqttClient } from "mqtt";
import { childSignal } from "../child-signal";
import type { DeviceIdentity } from "../identity/read-identity";
import type { Log } from "../log";
import type { PeerCheck } from "../time/peer-check";
import type { BackOff } from "./back-off";
import { dial } from "./dial";
import { openSession, type Will } from "./session";

/** What a connection is used for, from CONNACK to its end. */
export interface Uplink {
  /** The will of the next connection; called once each. */
  readonly will: () => Promise<Will | undefined>;
  /** How the next connection accepts the broker's certificate. */
  readonly check: (url: string) => Promise<PeerCheck>;
  /** The broker accepted us. @returns when the connection is of no use any more; the client is ended then */
  readonly use: (client: MqttClient, gone: AbortSignal) => Promise<void>;
  /** An attempt failed, in words. */
  readonly failed: (url: string, error: Error) => void;
}

/** A connection that held this long counts as good: the pauses begin anew, ms. */
const GOOD_MS = 30_000;

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
    try {
      const client = await connectOnce(url, identity, uplink, signal);
      connectedAt = performance.now();
      log("info", "connected", `to ${url} as ${identity.name}`);
      await useUntilGone(client, uplink, signal);
      if (!signal.aborted) log("warning", "disconnected", `from ${url}`);
    } catch (error) {
      if (signal.aborted) break;
      uplink.failed(url, error instanceof Error ? error : new Error(String(error)));
    }
    if (connectedAt !== undefined) {
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

async function connectOnce(
  url: string,
  identity: DeviceIdentity,
  uplink: Uplink,
  signal: AbortSignal,
): Promise<MqttClient> {
  const stream = await dial(url, identity, await uplink.check(url), signal);
  return openSession(stream, identity, await uplink.will(), signal);
}

async function useUntilGone(client: MqttClient, uplink: Uplink, signal: AbortSignal): Promise<void> {
  const gone = childSignal(signal);
  client.once("close", gone.abort);
  if (!client.connected) gone.abort();
  try {
    await uplink.use(client, gone.signal);
  } finally {
    gone.release();
    if (client.connected) await client.endAsync();
  }
}

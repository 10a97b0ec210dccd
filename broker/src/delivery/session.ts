import type { Client } from "aedes";
import type { Qos } from "../mqtt/packet";
import type { SessionQueue } from "./session-queue";

/** The state between one client and the server (MQTT 3.1.1, section 3.1.2.4), whether connected or not. */
export class Session {
  /** Filter to granted QoS. */
  readonly subscriptions = new Map<string, Qos>();
  /** Packet identifiers of QoS 2 messages that were received and not yet released by PUBREL. */
  readonly incoming = new Set<number>();
  /** The connection, from the moment it has taken the session over. */
  client: Client | undefined;
  /** Acknowledgements that wait for the store: a later one must not overtake them [MQTT-4.6.0-2]. */
  waitingAcknowledgements = 0;
  /** Whether the client already heard, in the log, that its queue is full. */
  dropping = false;

  constructor(
    readonly clientId: string,
    /** Whose it is: nobody else may take it over, and its grants decide what it gets. */
    readonly identity: string,
    /** CONNECT had clean session 0: it outlives the connection [MQTT-3.1.2-4]. */
    readonly persistent: boolean,
    readonly queue: SessionQueue,
    /** Milliseconds since 1970 at which it lost its connection; undefined while it has one. */
    public since: number | undefined,
  ) {}
}

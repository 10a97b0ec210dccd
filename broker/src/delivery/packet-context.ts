import type { AuthorizePublish, AuthorizeSubscribe } from "./hooks";
import type { Client } from "aedes";
import type { FilterRates } from "../abuse/filter-rates";
import type { OutgoingPacket } from "../mqtt/encode-packet";
import type { Journal } from "../persistence/journal";
import type { RetainedMessages } from "./retained-messages";
import type { Router } from "./router";
import type { Session } from "./session";
import type { Sessions } from "./sessions";

/** What handling one client's packet needs. */
export interface PacketContext {
  readonly client: Client;
  readonly session: Session;
  readonly sessions: Sessions;
  readonly router: Router;
  readonly retained: RetainedMessages;
  readonly journal: Journal;
  readonly filterRates: FilterRates;
  readonly authorizePublish: AuthorizePublish;
  readonly authorizeSubscribe: AuthorizeSubscribe;
  /** Sends to the client, unless it is gone or this task may no longer say anything. */
  readonly send: (packet: OutgoingPacket) => void;
}

/** Ends the handling of a packet: the next one may come; with an error the connection ends. */
export type Done = (error?: Error | null) => void;

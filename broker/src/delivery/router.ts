import type { Logger } from "../logger";
import type { Qos } from "../mqtt/packet";
import type { Journal } from "../persistence/journal";
import { quote } from "../quote";
import type { Message } from "./message";
import type { QueueEntry } from "./queue-entry";
import type { RetainedMessages } from "./retained-messages";
import type { Session } from "./session";
import type { Sessions } from "./sessions";

/** Topics whose receivers are remembered: publishers send to the same few again and again. */
const REMEMBERED = 10_000;
/** Receivers of all remembered topics together, at some 60 bytes: who publishes to many topics of many receivers is bounded. */
const RECEIVERS_REMEMBERED = 250_000;

/** Who gets a topic, at most at which QoS. */
type Route = readonly (readonly [session: Session, granted: Qos])[];

export interface RouterProps {
  readonly sessions: Sessions;
  readonly retained: RetainedMessages;
  readonly journal: Journal;
  readonly log: Logger;
  readonly mayReceive: (identity: string, topic: string) => boolean;
}

/** Brings each message to everybody who may have it, in the order of the calls. */
export class Router {
  readonly #props: RouterProps;
  readonly #routes = new Map<string, Route>();
  #version = -1;
  #receivers = 0;

  constructor(props: RouterProps) {
    this.#props = props;
  }

  /** The grants changed: every route is asked for anew. */
  forget(): void {
    this.#routes.clear();
    this.#receivers = 0;
  }

  /**
   * Stores what must be stored, sends what may be sent. A message for a persistent session leaves only when it is stored;
   * so does `acknowledge`, which comes first then. Where nothing is stored, both happen before this returns.
   *
   * @param identity whose message it is; undefined of the broker's own.
   * @param from the publisher's session, whose acknowledgements keep their order.
   */
  publish(message: Message, identity: string | undefined, from?: Session, acknowledge?: () => void): void {
    const { retained, journal, log } = this.#props;
    let stores = false;
    if (message.retain) {
      if (retained.set(message, identity)) stores = true;
      else log.warn({ identity, topic: quote(message.topic), bytes: message.payload.length }, "retained-refused");
    }
    let entries: [Session, QueueEntry][] | undefined;
    for (const [session, granted] of this.#route(message.topic)) {
      const qos = granted < message.qos ? granted : message.qos;
      const entry = session.queue.offer(message, qos, false);
      if (entry) (entries ??= []).push([session, entry]);
    }
    const finish = (): void => {
      acknowledge?.();
      if (entries) for (const [session, entry] of entries) session.queue.release(entry);
    };
    if (!entries && !stores && !from?.waitingAcknowledgements) return finish();
    if (from) from.waitingAcknowledgements += 1;
    journal.afterCommit(() => {
      if (from) from.waitingAcknowledgements -= 1;
      finish();
    });
  }

  /** Asked for what was published before the subscription was: a retained message. */
  mayReceive({ identity }: Session, topic: string): boolean {
    return this.#props.mayReceive(identity, topic);
  }

  #route(topic: string): Route {
    const { sessions, mayReceive } = this.#props;
    if (this.#version !== sessions.version) {
      this.#version = sessions.version;
      this.forget();
    }
    let route = this.#routes.get(topic);
    if (!route) {
      route = [...sessions.match(topic)].filter(([{ identity }]) => mayReceive(identity, topic));
      if (this.#routes.size >= REMEMBERED || this.#receivers + route.length > RECEIVERS_REMEMBERED) this.forget();
      this.#receivers += route.length;
      this.#routes.set(topic, route);
    }
    return route;
  }
}

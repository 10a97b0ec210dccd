import { matches } from "../../../policy/topic-filter";
import type { Qos } from "../mqtt/packet";

/** What Aedes publishes itself: wills, and `$SYS`. */
export interface Published {
  readonly topic: string;
  readonly payload: Buffer | string;
  readonly qos: number;
  readonly retain: boolean;
  /** Whose will it is; undefined: nobody's. */
  readonly clientId?: string;
}

type Route = (topic: string, payload: Buffer, qos: Qos, retain: boolean, willOf: string | undefined) => void;
type Listener = (packet: Published, done: () => void) => void;
const nothing = (): void => undefined;

/**
 * The `mq` that Aedes is given: the router behind the interface of mqemitter. Nothing is queued and nothing recurses, so
 * that neither its limit of concurrency nor its stack can stand in the way. Only Aedes itself listens.
 */
export class Emitter {
  readonly #route: Route;
  readonly #listeners: (readonly [filter: string, listener: Listener])[] = [];
  #closed = false;

  constructor(route: Route) {
    this.#route = route;
  }

  on(filter: string, listener: Listener, done: () => void = nothing): this {
    this.#listeners.push([filter, listener]);
    setImmediate(done);
    return this;
  }

  removeListener(filter: string, listener: Listener, done: () => void = nothing): this {
    const at = this.#listeners.findIndex(([known, heard]) => known === filter && heard === listener);
    if (at >= 0) this.#listeners.splice(at, 1);
    setImmediate(done);
    return this;
  }

  emit(packet: Published, done: (error?: Error) => void = nothing): this {
    if (this.#closed) {
      done(new Error("the emitter is closed"));
      return this;
    }
    const { topic, payload, qos, retain, clientId } = packet;
    for (const [filter, listener] of this.#listeners) if (matches(filter, topic)) listener(packet, nothing);
    this.#route(topic, Buffer.from(payload as Buffer), qos as Qos, retain, clientId);
    done();
    return this;
  }

  close(done: () => void = nothing): this {
    this.#closed = true;
    setImmediate(done);
    return this;
  }
}

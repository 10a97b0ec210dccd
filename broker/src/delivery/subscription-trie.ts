import type { Qos } from "../mqtt/packet";

const DOLLAR = 0x24;

/** A topic level: who subscribed exactly here, who to `#` below, and the levels below. */
interface Node<Subscriber> {
  here: Map<Subscriber, Qos> | undefined;
  rest: Map<Subscriber, Qos> | undefined;
  one: Node<Subscriber> | undefined;
  /** Undefined where no filter goes on: at most nodes. */
  levels: Map<string, Node<Subscriber>> | undefined;
}

const node = <Subscriber>(): Node<Subscriber> => ({
  here: undefined,
  rest: undefined,
  one: undefined,
  levels: undefined,
});

/** Topic filters by level: a match costs what the topic's levels and the matching filters cost, however many others exist. */
export class SubscriptionTrie<Subscriber> {
  readonly #root = node<Subscriber>();
  /** Levels in memory: what filters have in common is there once. */
  levels = 0;

  /** A second subscription to the same filter replaces the first [MQTT-3.8.4-3]. */
  set(filter: string, subscriber: Subscriber, qos: Qos): void {
    const levels = filter.split("/");
    const rest = levels.at(-1) === "#";
    if (rest) levels.pop();
    let at = this.#root;
    for (const level of levels) {
      let next = level === "+" ? at.one : at.levels?.get(level);
      if (!next) {
        next = node();
        this.levels += 1;
        if (level === "+") at.one = next;
        else (at.levels ??= new Map<string, Node<Subscriber>>()).set(level, next);
      }
      at = next;
    }
    if (rest) (at.rest ??= new Map()).set(subscriber, qos);
    else (at.here ??= new Map()).set(subscriber, qos);
  }

  delete(filter: string, subscriber: Subscriber): void {
    const levels = filter.split("/");
    const rest = levels.at(-1) === "#";
    if (rest) levels.pop();
    const path = [this.#root];
    for (const level of levels) {
      const at = path.at(-1)!;
      const next = level === "+" ? at.one : at.levels?.get(level);
      if (!next) return;
      path.push(next);
    }
    const last = path.at(-1)!;
    const subscribers = rest ? last.rest : last.here;
    subscribers?.delete(subscriber);
    if (subscribers?.size === 0) {
      if (rest) last.rest = undefined;
      else last.here = undefined;
    }
    // Levels that nobody subscribes to any more must not add up.
    for (let i = levels.length; i > 0; i--) {
      const { here, rest: below, one, levels: next } = path[i]!;
      if (here || below || one || next) return;
      const above = path[i - 1]!;
      this.levels -= 1;
      if (levels[i - 1] === "+") above.one = undefined;
      else if (above.levels!.delete(levels[i - 1]!) && above.levels!.size === 0) above.levels = undefined;
    }
  }

  /**
   * Who gets a message to this topic, each once, with the highest QoS of all matching filters [MQTT-3.3.5-1]. A leading
   * wildcard matches no topic that begins with `$` [MQTT-4.7.2-1].
   */
  match(topic: string): Map<Subscriber, Qos> {
    const found = new Map<Subscriber, Qos>();
    const levels = topic.split("/");
    const add = (subscribers: ReadonlyMap<Subscriber, Qos>): void => {
      for (const [subscriber, qos] of subscribers) {
        const before = found.get(subscriber);
        if (before === undefined || before < qos) found.set(subscriber, qos);
      }
    };
    const walk = (at: Node<Subscriber>, depth: number): void => {
      const wild = depth > 0 || topic.charCodeAt(0) !== DOLLAR;
      // `a/#` matches `a` too (section 4.7.1.2).
      if (at.rest && wild) add(at.rest);
      if (depth === levels.length) {
        if (at.here) add(at.here);
        return;
      }
      const next = at.levels?.get(levels[depth]!);
      if (next) walk(next, depth + 1);
      if (at.one && wild) walk(at.one, depth + 1);
    };
    walk(this.#root, 0);
    return found;
  }
}

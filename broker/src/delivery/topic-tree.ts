const DOLLAR = 0x24;

interface Node<Value> {
  value: Value | undefined;
  /** Undefined where no topic goes on: at most nodes, where an empty map would be most of what they cost. */
  levels: Map<string, Node<Value>> | undefined;
}

/** What a filter matches. */
export interface Matched<Value> {
  readonly found: readonly Value[];
  /** Levels that were looked at for it: what it cost, however little was found. */
  readonly looked: number;
}

/** Values by topic name: one topic is found by a hash, the topics of a filter by walking the levels that can match. */
export class TopicTree<Value> {
  readonly #exact = new Map<string, Value>();
  readonly #root: Node<Value> = { value: undefined, levels: undefined };
  /** Levels in memory: what topics have in common is there once. */
  levels = 0;

  get size(): number {
    return this.#exact.size;
  }

  get(topic: string): Value | undefined {
    return this.#exact.get(topic);
  }

  set(topic: string, value: Value): void {
    this.#exact.set(topic, value);
    let at = this.#root;
    for (const level of topic.split("/")) {
      const levels = (at.levels ??= new Map<string, Node<Value>>());
      let next = levels.get(level);
      if (!next) {
        levels.set(level, (next = { value: undefined, levels: undefined }));
        this.levels += 1;
      }
      at = next;
    }
    at.value = value;
  }

  delete(topic: string): void {
    if (!this.#exact.delete(topic)) return;
    const levels = topic.split("/");
    const path = [this.#root];
    for (const level of levels) path.push(path.at(-1)!.levels!.get(level)!);
    path.at(-1)!.value = undefined;
    for (let i = levels.length; i > 0; i--) {
      if (path[i]!.value !== undefined || path[i]!.levels) return;
      const above = path[i - 1]!;
      above.levels!.delete(levels[i - 1]!);
      if (above.levels!.size === 0) above.levels = undefined;
      this.levels -= 1;
    }
  }

  /** What the filter matches; a leading wildcard matches no topic that begins with `$` [MQTT-4.7.2-1]. */
  match(filter: string): Matched<Value> {
    if (!filter.includes("+") && !filter.endsWith("#")) {
      const value = this.#exact.get(filter);
      return { found: value === undefined ? [] : [value], looked: 1 };
    }
    const found: Value[] = [];
    let looked = 0;
    const levels = filter.split("/");
    const all = (at: Node<Value>, top: boolean): void => {
      looked += 1;
      if (at.value !== undefined) found.push(at.value);
      for (const [level, next] of at.levels ?? []) if (!top || level.charCodeAt(0) !== DOLLAR) all(next, false);
    };
    const walk = (at: Node<Value>, depth: number): void => {
      looked += 1;
      if (depth === levels.length) {
        if (at.value !== undefined) found.push(at.value);
        return;
      }
      const level = levels[depth]!;
      if (level === "#") return all(at, depth === 0);
      if (level === "+") {
        for (const [name, next] of at.levels ?? [])
          if (depth > 0 || name.charCodeAt(0) !== DOLLAR) walk(next, depth + 1);
        return;
      }
      const next = at.levels?.get(level);
      if (next) walk(next, depth + 1);
    };
    walk(this.#root, 0);
    return { found, looked };
  }
}

/** Follows whether the primary host is there, from its STATE messages (Sparkplug 3.0, section 5.4). */
export interface PrimaryHost {
  /** A STATE message came. @returns "left" if the host is gone that was there, else undefined */
  state(payload: Buffer): "left" | undefined;
  /** Resolves when the host is there, or `signal` aborts. */
  present(signal: AbortSignal): Promise<void>;
}

/** For one connection: nothing is known before the first message. */
export function followPrimaryHost(): PrimaryHost {
  let online = false;
  let latest = -Infinity;
  const waiters = new Set<() => void>();
  return {
    state: (payload) => {
      let said: { readonly online?: unknown; readonly timestamp?: unknown } | null;
      try {
        said = JSON.parse(payload.toString()) as typeof said;
      } catch {
        return undefined;
      }
      if (typeof said?.online !== "boolean" || typeof said.timestamp !== "number") return undefined;
      // A will of an older session may come late [tck-id-message-flow-edge-node-birth-publish-phid-offline].
      if (said.timestamp < latest) return undefined;
      latest = said.timestamp;
      const left = online && !said.online;
      online = said.online;
      if (online) for (const wake of waiters) wake();
      return left ? "left" : undefined;
    },
    present: (signal) =>
      new Promise((resolve) => {
        if (online || signal.aborted) return resolve();
        waiters.add(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
}

/** A metric of a Sparkplug node or device; `type` is needed for `birth` alone. */
export interface Metric {
  readonly name: string;
  readonly type?: string;
  readonly value?: number | string | boolean | null;
  /** When it was taken, ms since 1970. @default now */
  readonly timestamp?: number;
}

export interface Agent {
  /** What the agent said of itself: device, prefix, limits. */
  readonly hello: Readonly<Record<string, unknown>>;
  /** Resolves when the message is on disk. Rejects with an error whose `code` says why. */
  publish(topic: string, payload: string | Uint8Array, options?: { readonly retain?: boolean }): Promise<void>;
  /** Sparkplug: which metrics the node, or a device of it, has. */
  birth(metrics: readonly Metric[], device?: string): Promise<void>;
  /** Sparkplug: new values. */
  data(metrics: readonly Metric[], device?: string): Promise<void>;
  close(): void;
}

/** @param path @default "/run/dmz-agent/agent.sock" */
export function connectAgent(path?: string, onCommand?: (topic: string, payload: Buffer) => void): Promise<Agent>;

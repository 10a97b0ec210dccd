import type { Logger } from "../logger";
import { BoundedMap } from "./bounded-map";
import type { Clock } from "./clock";
import { TokenBucket, type Rate } from "./token-bucket";

/** Events whose number a stranger decides, or a client that was accepted and misbehaves. */
export const LIMITED_EVENTS: ReadonlySet<string> = new Set([
  "client-refused",
  "connection-closed",
  "handshake-failed",
  "packet-refused",
  "publish-denied",
  "publish-held-back",
  "queue-full",
  "relay-failed",
  "relay-refused",
  "retained-refused",
  "session-displaced",
  "subscribe-denied",
  "too-many-connections",
  "upgrade-refused",
]);

interface Kind {
  readonly bucket: TokenBucket;
  suppressed: number;
}

/**
 * The same log, in which these events are limited each for itself: a flood fills neither the disk nor the log's bill.
 * Nothing vanishes unseen: the next line of the kind says as `suppressed` how many were left out before it, and when none
 * comes `lines-suppressed` does.
 */
export function limitLines(log: Logger, rate: Rate, now: Clock, sayWithinMs = 10_000): Logger {
  const kinds = new BoundedMap<string, Kind>(LIMITED_EVENTS.size);
  const limited = log.child({});
  const warn = limited.warn.bind(limited);

  const flush = (of: string, kind: Kind): void => {
    if (kind.suppressed > 0) warn({ of, suppressed: kind.suppressed }, "lines-suppressed");
    kind.suppressed = 0;
  };
  const warnLimited = (fields: object, event: string): void => {
    if (!LIMITED_EVENTS.has(event)) return warn(fields, event);
    let kind = kinds.get(event);
    if (!kind) {
      kind = { bucket: new TokenBucket(rate, now), suppressed: 0 };
      kinds.set(event, kind);
    }
    if (!kind.bucket.tryTake()) {
      kind.suppressed += 1;
      const quiet = kind;
      if (quiet.suppressed === 1) setTimeout(() => flush(event, quiet), sayWithinMs).unref();
      return;
    }
    const { suppressed } = kind;
    kind.suppressed = 0;
    warn(suppressed > 0 ? { ...fields, suppressed } : fields, event);
  };
  limited.warn = warnLimited as Logger["warn"];
  return limited;
}

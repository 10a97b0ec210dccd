import { LIMITS } from "../limits";
import type { Logger } from "../logger";
import { BoundedMap } from "./bounded-map";
import type { Clock } from "./clock";
import { TokenBucket, type Rate } from "./token-bucket";

/** How many lines of each kind there may be. */
export interface LineRates {
  /** Events whose number a stranger decides, or a client that was accepted and misbehaves. */
  readonly faults: Rate;
  /** Events of every connection: all are worth their line, unless somebody connects again and again. */
  readonly connections: Rate;
}

const RATES: LineRates = {
  faults: { perSecond: LIMITS.logLinesPerKind, burst: LIMITS.logLinesPerKindBurst },
  connections: { perSecond: LIMITS.logLinesPerKind, burst: LIMITS.logConnectionsBurst },
};

const LIMITED: ReadonlyMap<string, keyof LineRates> = new Map([
  ["client-accepted", "connections"],
  ["client-certificate-expires", "faults"],
  ["client-closed", "connections"],
  ["client-refused", "faults"],
  ["connection-closed", "faults"],
  ["handshake-failed", "faults"],
  ["packet-refused", "faults"],
  ["publish-denied", "faults"],
  ["publish-held-back", "faults"],
  ["queue-full", "faults"],
  ["relay-failed", "faults"],
  ["relay-refused", "faults"],
  ["relayed", "connections"],
  ["retained-refused", "faults"],
  ["session-displaced", "faults"],
  ["subscribe-denied", "faults"],
  ["subscribe-held-back", "faults"],
  ["too-many-connections", "faults"],
  ["upgrade-refused", "faults"],
  ["request-refused", "faults"],
]);

interface Kind {
  readonly bucket: TokenBucket;
  suppressed: number;
}

/**
 * The same log, in which these events are limited each for itself: a flood fills neither the disk nor the log's bill.
 * Nothing vanishes unseen: the next line of the kind says as `suppressed` how many were left out before it, and when none
 * comes `lines-suppressed` does.
 * @param sayWithinMs how long after the first line that was left out.
 */
export function limitLines(
  log: Logger,
  rates: LineRates = RATES,
  now: Clock = () => performance.now(),
  sayWithinMs = 10_000,
): Logger {
  const kinds = new BoundedMap<string, Kind>(LIMITED.size);
  const limited = log.child({});
  const warn = limited.warn.bind(limited);

  const flush = (of: string, kind: Kind): void => {
    if (kind.suppressed > 0) warn({ of, suppressed: kind.suppressed }, "lines-suppressed");
    kind.suppressed = 0;
  };
  const limit = (write: (fields: object, event: string) => void) => (fields: object, event: string) => {
    const of = LIMITED.get(event);
    if (!of) return write(fields, event);
    let kind = kinds.get(event);
    if (!kind) {
      kind = { bucket: new TokenBucket(rates[of], now), suppressed: 0 };
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
    write(suppressed > 0 ? { ...fields, suppressed } : fields, event);
  };
  limited.warn = limit(warn) as Logger["warn"];
  limited.info = limit(limited.info.bind(limited)) as Logger["info"];
  return limited;
}

import { deriveAccess, renderShard } from "../derive-access";
import type { Report } from "../fault";
import type { Site } from "../site";

/** Secrets Manager takes 65,536 bytes a secret; a shard stays below. */
const LIMIT = 65_536;

/** Long names and ids, or a hash that spreads badly, can fill a shard before its share of identities does. */
export const checkShardSize = (site: Site, report: Report): void => {
  for (const shard of deriveAccess(site)) {
    // Three bytes a code unit is the most UTF-8 takes.
    const text = renderShard(shard);
    const bytes = text.length * 3 < LIMIT ? 0 : new TextEncoder().encode(text).length;
    if (bytes < LIMIT) continue;
    const rule = `must leave shard ${shard.shard} of the access document below ${LIMIT} bytes, which is now ${bytes}`;
    report(
      "capacity",
      rule,
      site.capacity,
      `raise it by at least 500, to ${site.capacity + 500}, or shorten names and filters`,
    );
  }
};

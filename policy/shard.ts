/** FNV-1a, 32 bits. Names are ASCII, so a code unit is a byte. */
const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};

/** MurmurHash3's 32-bit finaliser: every input bit moves every output bit. */
const mix = (value: number): number => {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/**
 * The shard that an identity's row and credential record are in, from 0: the one whose score is highest, where
 * `score(shard) = mix(fnv1a(name) + shard * 0x9e3779b9 mod 2^32)`; the lower shard wins a tie. That is rendezvous
 * hashing: when the count grows, a name stays where it is or moves to a new shard, never between old ones.
 *
 * @throws RangeError when `shards` is not a positive integer.
 */
export const shardOf = (name: string, shards: number): number => {
  if (!Number.isInteger(shards) || shards < 1) throw new RangeError(`shards must be an integer from 1, got ${shards}`);
  const hash = fnv1a(name);
  let best = 0;
  let bestScore = -1;
  for (let shard = 0; shard < shards; shard++) {
    const score = mix((hash + Math.imul(shard, 0x9e3779b9)) | 0);
    if (score > bestScore) [best, bestScore] = [shard, score];
  }
  return best;
};

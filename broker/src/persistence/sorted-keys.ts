/** Keys a chunk holds before it is split: a splice then moves 4 KiB at most. */
const CHUNK = 512;

/**
 * A sorted set of strings: a list of sorted chunks, which is a B-tree of two levels. Adding and removing cost a binary search
 * and a splice of at most 512 references, at a million keys as at ten.
 */
export class SortedKeys {
  readonly #chunks: string[][] = [[]];

  /** The key must not be in the set. */
  add(key: string): void {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at]!;
    const place = firstAtLeast(chunk, key);
    if (place === chunk.length) chunk.push(key);
    else chunk.splice(place, 0, key);
    // Ascending keys, the common case, leave full chunks behind instead of half full ones.
    if (chunk.length > CHUNK)
      this.#chunks.splice(at + 1, 0, chunk.splice(place === chunk.length - 1 ? CHUNK : CHUNK / 2));
  }

  /** The key must be in the set. */
  delete(key: string): void {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at]!;
    const place = firstAtLeast(chunk, key);
    if (place === 0) chunk.shift();
    else chunk.splice(place, 1);
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
  }

  /** In ascending order. */
  *from(gte: string): Generator<string, void, undefined> {
    let at = this.#chunkOf(gte);
    let place = firstAtLeast(this.#chunks[at]!, gte);
    for (; at < this.#chunks.length; at++, place = 0) {
      const chunk = this.#chunks[at]!;
      for (; place < chunk.length; place++) yield chunk[place]!;
    }
  }

  /** The last chunk that begins at or before the key: where it is, or belongs. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#chunks[middle]![0]! <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function firstAtLeast(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

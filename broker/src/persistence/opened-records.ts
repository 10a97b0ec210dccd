/** Bytes of one piece: as large as Node's own pool, so that a value which stays for long keeps no more than there. */
const PIECE = Buffer.poolSize;

/**
 * What an opening has read, for whoever reads it next. LevelDB's binding gives every value a memory block of its own; of
 * hundreds of thousands the garbage collector would copy and mark each one several times. Copied into pieces they cost it
 * nothing, and the blocks are gone before it looks.
 */
export class OpenedRecords {
  /** In ascending order. */
  readonly keys: string[] = [];
  readonly #checksums: number[] = [];
  /** By record: the piece that it is in, where its value begins there, and where it ends. */
  #pieces: Buffer[] = [];
  #starts: number[] = [];
  #ends: number[] = [];
  #piece = Buffer.alloc(0);
  #used = 0;

  /**
   * The keys must come in ascending order.
   * @param valueAt where the value begins in the record.
   */
  add(key: string, record: Buffer, valueAt: number, checksum: number): void {
    const { length } = record;
    let [piece, start] = [this.#piece, this.#used];
    if (start + length > piece.length) {
      start = 0;
      piece = Buffer.allocUnsafeSlow(Math.max(PIECE, length));
      // One that fills a piece alone leaves the open one to those behind it.
      if (length < PIECE / 2) this.#piece = piece;
    }
    piece.set(record, start);
    if (piece === this.#piece) this.#used = start + length;
    this.keys.push(key);
    this.#checksums.push(checksum);
    this.#pieces.push(piece);
    this.#starts.push(start + valueAt);
    this.#ends.push(start + length);
  }

  /** Keys and values, in ascending order of the keys; not disturbed by `forgetValues`. */
  range(gte: string, lt: string, limit = Infinity): Generator<readonly [key: string, value: Buffer], void, undefined> {
    const first = this.#firstAtLeast(gte);
    const last = Math.min(this.#firstAtLeast(lt), first + limit);
    const [keys, pieces, starts, ends] = [this.keys, this.#pieces, this.#starts, this.#ends];
    return (function* () {
      for (let i = first; i < last; i++) yield [keys[i]!, pieces[i]!.subarray(starts[i], ends[i])] as const;
    })();
  }

  /** Of the record with this key, if there is one. */
  checksumOf(key: string): number | undefined {
    const at = this.#firstAtLeast(key);
    return this.keys[at] === key ? this.#checksums[at] : undefined;
  }

  /** Keeps keys and checksums alone. */
  forgetValues(): void {
    this.#pieces = [];
    this.#starts = [];
    this.#ends = [];
    this.#piece = Buffer.alloc(0);
  }

  #firstAtLeast(key: string): number {
    let [low, high] = [0, this.keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

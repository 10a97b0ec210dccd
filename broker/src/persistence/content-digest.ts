const mix = (value: number): number => {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/**
 * Says of a whole store, in twenty bytes, which records it holds: their number and two sums over their checksums. It is
 * kept up to date with every change at a cost that does not depend on the store's size, and tells a record that vanished,
 * came back or is an older version of itself, although each record alone looks well.
 */
export class ContentDigest {
  #count = 0;
  #first = 0;
  #second = 0;

  add(checksum: number): void {
    this.#count += 1;
    this.#first = (this.#first + mix(checksum)) >>> 0;
    this.#second = (this.#second + mix(~checksum)) >>> 0;
  }

  remove(checksum: number): void {
    this.#count -= 1;
    this.#first = (this.#first - mix(checksum)) >>> 0;
    this.#second = (this.#second - mix(~checksum)) >>> 0;
  }

  /** Records. */
  get count(): number {
    return this.#count;
  }

  /** As text: number of records, and the sums in hexadecimal. */
  toString(): string {
    return `${this.#count} ${hex(this.#first)}${hex(this.#second)}`;
  }
}

const hex = (value: number): string => value.toString(16).padStart(8, "0");

/** What is wrong with a store: missing, damaged, of another version, or not to be read or written at this moment. */
export type StoreFaultKind = "missing" | "corrupt" | "newer" | "busy" | "io" | "closed";

/** A store that may not be used as it is. Nothing was repaired, skipped or made anew; the message says what to do. */
export class StoreFault extends Error {
  override readonly name = "StoreFault";

  /**
   * @param folder the store's.
   * @param what is wrong, with the key or the file.
   * @param fix what the operator can do, as a whole sentence.
   */
  constructor(
    readonly kind: StoreFaultKind,
    readonly folder: string,
    readonly what: string,
    readonly fix: string,
    options?: ErrorOptions,
  ) {
    super(`${folder}: ${what}. ${fix}`, options);
  }
}

/** What can be done about a store in which something is missing or damaged. */
export const RESTORE =
  "Do not start a broker on it: see all faults with 'dmz store verify <folder>', and go back to the last good checkpoint " +
  "as docs/store.md says under 'When a store is damaged'.";

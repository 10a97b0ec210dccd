const LAST = 65_535;

/** Packet identifiers of one session, towards the client: none is used twice at a time [MQTT-2.3.1-4]. */
export class PacketIds {
  #last = 0;

  /** @returns the next one that is not in use, or 0 when all are. */
  next(inUse: { has(id: number): boolean; readonly size: number }): number {
    if (inUse.size >= LAST) return 0;
    do this.#last = this.#last === LAST ? 1 : this.#last + 1;
    while (inUse.has(this.#last));
    return this.#last;
  }

  /** Goes on behind this one: what a client still remembers of the last connection is used again as late as can be. */
  resumeAfter(id: number): void {
    this.#last = id;
  }
}

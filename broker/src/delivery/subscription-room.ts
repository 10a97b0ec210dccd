import { LIMITS } from "../limits";
import { LEVEL_BYTES, levelBytesOf } from "./level-bytes";

/** What a filter takes of memory beside its text and its levels, in bytes, about: measured. */
const FILTER_BYTES = 200;

/** Of the room that is left for all, an identity may have this part: as in `QueueRoom`, who holds most is the first to be refused. */
const PART = 1 / 4;

const bytesOf = (filter: string): number => FILTER_BYTES + 2 * filter.length;

/** What the filters of one identity's sessions take, levels that others have, too, included: the most that it can be. */
export interface OwnFilters {
  bytes: number;
}

/** The memory that the filters of all sessions take, and whether there is room for one more. */
export class SubscriptionRoom {
  /** Of the filters, without their levels. */
  #bytes = 0;

  /** @param levels those of all filters together, each that is there once. */
  constructor(
    private readonly levels: () => number,
    private readonly most: number = LIMITS.subscriptionBytes,
  ) {}

  get bytes(): number {
    return this.#bytes + this.levels() * LEVEL_BYTES;
  }

  has(own: OwnFilters, filter: string): boolean {
    const part = PART * (this.most - this.bytes);
    return own.bytes + mostOf(filter) <= Math.max(part, LIMITS.subscriptionBytesInAnyCase);
  }

  take(own: OwnFilters, filter: string): void {
    this.#bytes += bytesOf(filter);
    own.bytes += mostOf(filter);
  }

  free(own: OwnFilters, filter: string): void {
    this.#bytes -= bytesOf(filter);
    own.bytes -= mostOf(filter);
  }
}

const mostOf = (filter: string): number => bytesOf(filter) + levelBytesOf(filter);

import { LIMITS } from "../limits";
import { levelBytesOf } from "./level-bytes";
import type { Message } from "./message";

/** Of the room that is left for all, an identity may have this part: as in `QueueRoom`, who holds most is the first to be refused. */
const PART = 1 / 2;

/** The retained messages that one identity published last: it is charged with all their levels, others' included. */
export interface RetainedShare {
  readonly identity: string;
  messages: number;
  bytes: number;
}

/** The most that it can take of memory. */
export const mostBytesOf = (message: Message): number => message.size + levelBytesOf(message.topic);

/**
 * Whose the retained messages are. What an earlier task stored is nobody's until it is published again: after a restart an
 * identity may begin anew, with its part of what is left then.
 */
export class RetainedShares {
  readonly #byIdentity = new Map<string, RetainedShare>();

  /** @param left of everybody's room. */
  hasRoom(identity: string, messages: number, bytes: number, left: { messages: number; bytes: number }): boolean {
    const own = this.#byIdentity.get(identity) ?? { messages: 0, bytes: 0 };
    return (
      (messages === 0 || own.messages + messages <= Math.max(PART * left.messages, LIMITS.retainedInAnyCase)) &&
      own.bytes + bytes <= Math.max(PART * left.bytes, LIMITS.retainedBytesInAnyCase)
    );
  }

  take(message: Message, identity: string): void {
    let share = this.#byIdentity.get(identity);
    if (!share) this.#byIdentity.set(identity, (share = { identity, messages: 0, bytes: 0 }));
    share.messages += 1;
    share.bytes += mostBytesOf(message);
    message.share = share;
  }

  free(message: Message): void {
    const { share } = message;
    if (!share) return;
    message.share = undefined;
    share.messages -= 1;
    share.bytes -= mostBytesOf(message);
    if (share.messages === 0) this.#byIdentity.delete(share.identity);
  }
}

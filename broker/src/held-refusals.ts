import { LIMITS } from "./limits";

/** Answers that are held back, so that guessing is slow; but not more of them than cost us nothing. */
export class HeldRefusals {
  #held = 0;

  /** @param answer is called `ms` later. @returns false: too many are held already, and it is not called. */
  hold(ms: number, answer: () => void): boolean {
    if (this.#held >= LIMITS.heldRefusals) return false;
    this.#held += 1;
    setTimeout(() => {
      this.#held -= 1;
      answer();
    }, ms).unref();
    return true;
  }
}

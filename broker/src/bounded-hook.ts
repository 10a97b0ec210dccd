/** Settles a question exactly once. */
export type Settle<Answer> = (answer: Answer) => void;

export interface BoundedProps<Answer> {
  /** Milliseconds within which the question is answered. */
  readonly withinMs: number;
  /** The answer of a question that throws, or is not answered in time. */
  readonly denied: (reason: string, error?: unknown) => Answer;
}

/**
 * Asks, and answers in any case: a question that throws, or hangs, is denied. The first answer counts. Who answers at
 * once costs no timer.
 */
export function bounded<Answer>(
  { withinMs, denied }: BoundedProps<Answer>,
  ask: (settle: Settle<Answer>) => void,
  done: Settle<Answer>,
): void {
  let settled = false;
  let timer: NodeJS.Timeout | undefined;
  const settle: Settle<Answer> = (answer) => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    done(answer);
  };
  try {
    ask(settle);
  } catch (error) {
    // After an answer it is the answer's own consequence that failed: not ours to swallow.
    if (settled) throw error;
    settle(denied("it failed", error));
  }
  if (!settled) timer = setTimeout(() => settle(denied(`no answer within ${withinMs} ms`)), withinMs);
}

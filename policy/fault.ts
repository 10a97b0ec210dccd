/** One thing wrong in a declaration: where, which rule, what was found, and what to do. */
export interface Fault {
  /** As one would write it in code, for example `edge[2].name`. */
  readonly path: string;
  /** What must hold, for example `must match [A-Za-z0-9._-]{1,64}`. */
  readonly rule: string;
  readonly value: unknown;
  /** What to change, for example `rename it, for example "gw-1"`. */
  readonly fix: string;
}

/** Takes note of a fault; checking goes on, so that the user sees all of them at once. */
export type Report = (path: string, rule: string, value: unknown, fix: string) => void;

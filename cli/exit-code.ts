/** What the process tells its caller; `dmz --help` prints the same list. */
export const EXIT = {
  /** Done, or stopped by Ctrl-C. */
  done: 0,
  /** The work failed, or a demo's expectation did not hold. */
  failed: 1,
  /** The command line, a site's name or a site's declaration is wrong: nothing was changed. */
  usage: 2,
} as const;

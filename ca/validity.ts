/** Validity of what the CA issues. Days of 24 hours. */
export const VALIDITY_DAYS = { certificateAuthority: 3650, server: 90, client: 365 } as const;

/** A certificate begins five minutes back, so that a peer whose clock is a little slow accepts it at once. */
export const BACKDATED_SECONDS = 300;

const DAY = 86_400_000;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** X.509 counts whole seconds. */
const wholeSecond = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000);

/**
 * @param days from `now` on.
 * @param within the issuer's validity, which no certificate leaves.
 * @param earliest Unix seconds before which it must not begin. @default none
 */
export const validity = (now: Date, days: number, within?: Validity, earliest = 0): Validity => {
  const begin = Math.max(now.getTime() - BACKDATED_SECONDS * 1000, within?.notBefore.getTime() ?? 0, earliest * 1000);
  const end = Math.min(now.getTime() + days * DAY, within?.notAfter.getTime() ?? Infinity);
  if (begin >= end) {
    const issuer = within === undefined ? "none" : within.notAfter.toISOString();
    throw new Error(
      `certificate: must begin before it ends (the CA ends: ${issuer}), got ${wholeSecond(begin).toISOString()}`,
    );
  }
  return { notBefore: wholeSecond(begin), notAfter: wholeSecond(end) };
};

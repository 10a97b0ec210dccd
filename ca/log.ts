/** A line of structured log: what happened, and fields. Never a secret: no key, no password, no salted hash. */
export type Log = (message: string, fields?: Readonly<Record<string, string | number | readonly string[]>>) => void;

/** For callers that do not listen. */
export const silent: Log = () => undefined;

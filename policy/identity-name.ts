/** `.` and `..` would leave the folder that a client's bundle is written to. */
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;

/** The rule in words, as errors say it. */
export const IDENTITY_NAME_RULE = "must match [A-Za-z0-9._-]{1,64} and not be '.' or '..'";

/** May an identity have this name? It is user name, certificate subject, ClientId, topic level and folder name at once. */
export const isIdentityName = (value: unknown): value is string => typeof value === "string" && NAME.test(value);

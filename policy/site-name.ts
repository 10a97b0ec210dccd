const NAME = /^[a-z][a-z0-9-]{0,23}$/;

/** Has the text the form of a site's name? It is the prefix of AWS names and the first level of telemetry topics. */
export const isSiteName = (value: unknown): value is string => typeof value === "string" && NAME.test(value);

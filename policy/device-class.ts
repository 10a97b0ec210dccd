/** The class of an edge device whose declaration names none. */
export const DEFAULT_DEVICE_CLASS = "gateway";

/** The rule in words, as errors say it. */
export const DEVICE_CLASS_RULE = "must match [a-z0-9][a-z0-9-]{0,31}";

/** May a device class have this name? It is part of file names, and an update for another one is refused. */
export const isDeviceClass = (value: unknown): value is string =>
  typeof value === "string" && /^[a-z0-9][a-z0-9-]{0,31}$/.test(value);

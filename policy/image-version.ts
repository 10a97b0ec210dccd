const VERSION = /^\d{1,9}(\.\d{1,9}){0,3}$/;

/** Is this a version that can be compared: whole numbers with dots? */
export const isImageVersion = (text: unknown): text is string => typeof text === "string" && VERSION.test(text);

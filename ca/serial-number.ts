import { randomBytes } from "node:crypto";

/**
 * @returns a certificate serial number as hex: 128 random bits behind a leading 01, so that it is positive and below 20
 * bytes whatever the bits are (RFC 5280, section 4.1.2.2).
 */
export const serialNumber = (): string => `01${randomBytes(16).toString("hex")}`;

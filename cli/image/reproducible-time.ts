/** 1 January 2026, 00:00 UTC: any fixed moment will do. */
const FIXED = 1767225600;

/**
 * The time that everything in the image carries, in seconds since 1970: SOURCE_DATE_EPOCH
 * (https://reproducible-builds.org/specs/source-date-epoch/), or a constant, so that the same content has the same
 * digest whenever and wherever it is built.
 */
export function reproducibleTime(environment: Readonly<Record<string, string | undefined>> = process.env): number {
  const stated = environment["SOURCE_DATE_EPOCH"];
  if (stated === undefined) return FIXED;
  if (/^\d{1,11}$/.test(stated)) return Number(stated);
  throw new Error(`SOURCE_DATE_EPOCH must be whole seconds since 1970, got '${stated}'; correct or unset it`);
}

import { freezeDeep } from "./freeze-deep";
import type { Site } from "./site";

/** Registered globally, so that it holds across module instances; not enumerable, so that nothing prints or copies it. */
const VALIDATED = Symbol.for("mqtt-dmz.site");

/** Marks what `defineSite` returns, and makes it read-only throughout: what was validated is what is derived. */
export const markSite = (site: Site): Site =>
  freezeDeep(Object.defineProperty({ ...site }, VALIDATED, { value: true }));

/** Did `defineSite` make this? A spread copy has not been validated and is none. */
export const isSite = (value: unknown): value is Site =>
  typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[VALIDATED] === true;

import { BadInput } from "./bad-input";

/** A JSON object as it comes, before anything is known of it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** Deeper than any plan, and shallow enough for a walk by recursion. */
const DEPTH = 200;

/**
 * The JSON object in a text.
 *
 * @param file for the messages alone.
 * @throws BadInput if it is no JSON, cut off, not an object, or nested deeper than 200 levels.
 */
export function parseJson(text: string, file: string): JsonObject {
  let json: Json;
  try {
    json = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text) as Json;
  } catch (error) {
    throw new BadInput(file, `must be JSON: ${(error as Error).message}`);
  }
  if (!isObject(json)) throw new BadInput(file, `must hold a JSON object, got ${kindOf(json)}`);
  if (!shallow(json)) throw new BadInput(file, `must not be nested deeper than ${DEPTH} levels`);
  return json;
}

export const isObject = (json: unknown): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);

/** What must be an object, or BadInput with the place. */
export function object(json: Json | undefined, place: string): JsonObject {
  if (isObject(json)) return json;
  throw new BadInput(place, `must be an object, got ${kindOf(json)}`);
}

/** What must be a list if it is there at all, or BadInput with the place. */
export function list(json: Json | undefined, place: string): readonly Json[] {
  if (json === undefined || json === null) return [];
  if (Array.isArray(json)) return json as readonly Json[];
  throw new BadInput(place, `must be a list, got ${kindOf(json)}`);
}

/** What must be a text, or BadInput with the place. */
export function text(json: Json | undefined, place: string): string {
  if (typeof json === "string") return json;
  throw new BadInput(place, `must be a text, got ${kindOf(json)}`);
}

const kindOf = (json: Json | undefined): string =>
  json === undefined
    ? "nothing"
    : Array.isArray(json)
      ? "a list"
      : isObject(json)
        ? "an object"
        : JSON.stringify(json).slice(0, 80);

/** Level by level, since a hostile file could be nested deeper than a recursion may go. */
function shallow(json: Json): boolean {
  let level: unknown[] = [json];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH) return false;
    const next: unknown[] = [];
    for (const value of level)
      for (const child of Object.values(value as object))
        if (typeof child === "object" && child !== null) next.push(child);
    level = next;
  }
  return true;
}

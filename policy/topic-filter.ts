/**
 * The topic-filter algebra of MQTT 3.1.1 (section 4.7): one language for the site's validation, for the broker's
 * authorization and for the prover. Strings in, answers out. `matches`, `covers` and `intersects` expect valid filters
 * and topics: ask `filterFault` and `topicFault` first about text that a stranger sent.
 */

const MAX_BYTES = 65_535;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Length in UTF-8 bytes; a lone surrogate counts three, as its replacement character would. */
const utf8Length = (text: string): number => {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isPair = (code & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
    if (isPair) i += 1;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : isPair ? 4 : 3;
  }
  return bytes;
};

const textFault = (text: string): string | undefined => {
  if (text === "") return "it is empty [MQTT-4.7.3-1]";
  if (text.includes("\0")) return "it contains the null character U+0000 [MQTT-4.7.3-2]";
  // Three bytes a code unit is the most UTF-8 takes: most texts need no counting.
  if (text.length * 3 > MAX_BYTES && utf8Length(text) > MAX_BYTES)
    return `it is longer than ${MAX_BYTES} bytes of UTF-8 [MQTT-4.7.3-3]`;
  if (LONE_SURROGATE.test(text)) return "it contains half of a surrogate pair, which UTF-8 cannot carry [MQTT-1.5.3-1]";
  return undefined;
};

const PLUS = 0x2b;
const HASH = 0x23;
const DOLLAR = 0x24;
const SLASH = 0x2f;

/**
 * Allocates nothing: a stranger's filter may have 65,536 levels, and nobody has measured it yet.
 * @returns why `text` is not a valid topic filter, naming MQTT's clause; undefined if it is one.
 */
export const filterFault = (text: string): string | undefined => {
  const fault = textFault(text);
  if (fault !== undefined) return fault;
  let start = 0;
  let hasPlus = false;
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? SLASH : text.charCodeAt(at);
    if (code === PLUS) hasPlus = true;
    else if (code === HASH && (at !== start || at !== text.length - 1))
      return "'#' must be a whole level, and the last one [MQTT-4.7.1-2]";
    else if (code === SLASH) {
      if (hasPlus && at - start !== 1) return "'+' must be a whole level [MQTT-4.7.1-3]";
      start = at + 1;
      hasPlus = false;
    }
  }
  return undefined;
};

/** @returns why `text` is not a valid topic name, naming MQTT's clause; undefined if it is one. */
export const topicFault = (text: string): string | undefined =>
  textFault(text) ??
  (text.includes("+") || text.includes("#") ? "a topic name must hold no wildcard [MQTT-4.7.1-1]" : undefined);

const sameText = (a: string, aStart: number, aEnd: number, b: string, bStart: number, bEnd: number): boolean => {
  if (aEnd - aStart !== bEnd - bStart) return false;
  for (let i = 0; i < aEnd - aStart; i++) if (a.charCodeAt(aStart + i) !== b.charCodeAt(bStart + i)) return false;
  return true;
};

const levelEnd = (text: string, start: number): number => {
  const slash = text.indexOf("/", start);
  return slash === -1 ? text.length : slash;
};

/**
 * Does the filter match the topic? Runs for every message and every grant, so it compares in place and allocates nothing.
 * A leading wildcard matches no topic that begins with `$` [MQTT-4.7.2-1]; `a/#` matches `a` (section 4.7.1.2).
 */
export const matches = (filter: string, topic: string): boolean => {
  const first = filter.charCodeAt(0);
  if (topic.charCodeAt(0) === DOLLAR && (first === PLUS || first === HASH)) return false;
  let f = 0;
  let t = 0;
  for (;;) {
    if (filter.charCodeAt(f) === HASH && f + 1 === filter.length) return true;
    const fEnd = levelEnd(filter, f);
    const tEnd = levelEnd(topic, t);
    const any = fEnd - f === 1 && filter.charCodeAt(f) === PLUS;
    if (!any && !sameText(filter, f, fEnd, topic, t, tEnd)) return false;
    if (tEnd === topic.length)
      return fEnd === filter.length || (fEnd + 2 === filter.length && filter.charCodeAt(fEnd + 1) === HASH);
    if (fEnd === filter.length) return false;
    f = fEnd + 1;
    t = tEnd + 1;
  }
};

/** Fixed levels, then `rest`: any number of further levels, or none. */
interface Shape {
  readonly levels: readonly string[];
  readonly rest: boolean;
}

const shapeOf = (filter: string): Shape => {
  const levels = filter.split("/");
  if (levels.at(-1) !== "#") return { levels, rest: false };
  // Every topic has a first level, and none is empty: `#` says the same as `+/#`, and `/#` the same as `/+/#`.
  const fixed = levels.length === 1 ? ["+"] : levels.slice(0, -1);
  return { levels: fixed.length === 1 && fixed[0] === "" ? ["", "+"] : fixed, rest: true };
};

/** Is every topic that `narrow` matches matched by `wide`, too? */
export const covers = (wide: string, narrow: string): boolean => {
  const w = shapeOf(wide);
  const n = shapeOf(narrow);
  if (n.rest && !w.rest) return false;
  if (w.rest ? n.levels.length < w.levels.length : n.levels.length !== w.levels.length) return false;
  if (w.levels[0] === "+" && narrow.startsWith("$")) return false;
  return w.levels.every((level, index) => level === "+" || level === n.levels[index]);
};

/** @returns a topic that both filters match (the same for either order), or undefined if there is none. */
export const intersects = (a: string, b: string): string | undefined => {
  const [x, y] = [shapeOf(a), shapeOf(b)];
  const length = Math.max(x.levels.length, y.levels.length);
  if ((!x.rest && x.levels.length < length) || (!y.rest && y.levels.length < length)) return undefined;
  const witness: string[] = [];
  for (let i = 0; i < length; i++) {
    const [p, q] = [x.levels[i] ?? "+", y.levels[i] ?? "+"];
    if (p !== "+" && q !== "+" && p !== q) return undefined;
    const literal = p === "+" ? q : p;
    if (i === 0 && p !== q && literal.startsWith("$")) return undefined;
    witness.push(literal === "+" ? "x" : literal);
  }
  const topic = witness.join("/");
  // Two filters near the length limit may share only topics that are too long to exist.
  return topicFault(topic) === undefined ? topic : undefined;
};

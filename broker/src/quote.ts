/** Everything that is not printable ASCII: control characters, line and paragraph separators, bidirectional overrides. */
const UNPRINTABLE = /[^\x20-\x7e]/g;

/**
 * Makes text that a client chose safe to read in a log: escapes what is not printable ASCII and cuts what is too long.
 * @param text anything a peer sent, not yet validated.
 */
export function quote(text: string, longest = 128): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}...(${text.length})` : text;
  return cut.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

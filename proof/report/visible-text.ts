// Control and format characters, half surrogates and what no font shows: a name must not pass for another one's.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0]/gu;

/** A text with whatever nobody sees written out: `gw\u202e1` becomes `gw[U+202E]1`. Spaces stay. */
export const visibleText = (text: string): string =>
  text.replace(
    INVISIBLE,
    (character) => `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`,
  );

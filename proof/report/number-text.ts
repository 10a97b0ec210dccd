/** `12,034`: the same on every machine. */
export const numberText = (value: number): string => value.toLocaleString("en-US");

/** `1 check`, `3 checks`. */
export const countText = (count: number, singular: string, plural = `${singular}s`): string =>
  `${numberText(count)} ${count === 1 ? singular : plural}`;

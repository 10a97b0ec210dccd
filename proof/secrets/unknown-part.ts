/** Around what a policy's text will hold after apply: anything (an ARN of a data source), or surely no ARN of ours. */
const [ANYTHING, SOMETHING_ELSE, END] = ["\u{E000}", "\u{E001}", "\u{E002}"] as const;

/** Quotes would end the text that it stands in. */
const plain = (name: string): string => name.replaceAll('"', "'");

/** Text for what may turn out to be anything. */
export const anything = (name: string): string => `${ANYTHING}${plain(name)}${END}`;

/** Text for the ARN or id of a resource of a kind that no secret, key, role or function is. */
export const somethingElse = (name: string): string => `${SOMETHING_ELSE}${plain(name)}${END}`;

/** Behind other text, what is no ARN of ours may still be a part of one. */
const UNKNOWN = new RegExp(`${ANYTHING}[^${END}]*${END}|(?<=[^])${SOMETHING_ELSE}[^${END}]*${END}`, "gu");

export const hasUnknownPart = (text: string): boolean => text.search(UNKNOWN) >= 0;

/** IAM's pattern for all that the text may turn out to be. */
export const widened = (text: string): string => text.replace(UNKNOWN, "*");

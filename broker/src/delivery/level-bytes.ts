/** What a topic level costs in memory, in bytes, about: measured, for the budget alone. */
export const LEVEL_BYTES = 300;

/** At most: levels that other topics or filters have, too, are there already. */
export const levelBytesOf = (topic: string): number => topic.split("/").length * LEVEL_BYTES;

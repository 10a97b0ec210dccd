/** One granted filter of one identity, its name filled in. */
export interface Grant {
  /** Index of the identity in the document. */
  readonly owner: number;
  readonly filter: string;
}

/**
 * Two grants of different owners stand for all: whether two lists hold grants of different owners shows in two of each.
 */
type Few = Grant[];

const note = (few: Few, grant: Grant): void => {
  if (few.length === 0 || (few.length === 1 && few[0]!.owner !== grant.owner)) few.push(grant);
};

/** Every topic has a first level, and none is empty: `#` says the same as `+/#`, and `/#` the same as `/+/#`. */
export const levelsOf = (filter: string): readonly string[] =>
  (filter === "#" ? "+/#" : filter === "/#" ? "/+/#" : filter).split("/");

/** A node stands for the topics of some first levels. */
export class FilterTrie {
  readonly literals = new Map<string, FilterTrie>();
  /** What follows a `+`. */
  plus: FilterTrie | undefined;
  /** Filters that end here. */
  readonly ends: Few = [];
  /** Filters that end in `#` behind here. */
  readonly hashes: Few = [];
  /** Filters that pass through here, or end here. */
  readonly all: Few = [];

  add(grant: Grant): void {
    let at = this as FilterTrie;
    note(at.all, grant);
    const levels = levelsOf(grant.filter);
    for (const [index, level] of levels.entries()) {
      if (level === "#" && index === levels.length - 1) {
        note(at.hashes, grant);
        return;
      }
      if (level === "+") at = at.plus ??= new FilterTrie();
      else {
        let next = at.literals.get(level);
        if (next === undefined) at.literals.set(level, (next = new FilterTrie()));
        at = next;
      }
      note(at.all, grant);
    }
    note(at.ends, grant);
  }
}

import { IDENTITY } from "./access-document";

/** A role's filter for one identity: every level that is `{id}` becomes its name. */
export const renderFilter = (filter: string, name: string): string =>
  filter.includes(IDENTITY)
    ? filter
        .split("/")
        .map((level) => (level === IDENTITY ? name : level))
        .join("/")
    : filter;

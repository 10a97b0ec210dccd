import type { LogLine } from "../broker/log-capture";

/** As much of CloudWatch's filter syntax for JSON as the filters use: comparisons, joined by one operator. */
export const fitsFilter = (filter: string, line: LogLine): boolean => {
  const inner = /^\{ (.*) \}$/.exec(filter)![1]!;
  const holds = (comparison: string): boolean => {
    const [, field, operator, text, number] = /^\(?\$\.(\w+) (=|!=|>) (?:"([^"]*)"|(\d+))\)?$/.exec(comparison)!;
    const value = line[field!];
    if (operator === ">") return typeof value === "number" && value > Number(number);
    return operator === "=" ? value === text : value !== text;
  };
  return inner.includes("||") ? inner.split(" || ").some(holds) : inner.split(" && ").every(holds);
};

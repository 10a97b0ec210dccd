import { describe, expect, test } from "@jest/globals";
import { literal } from "../../constructs/literal";

describe("literal", () => {
  test.each([
    ["a plain topic", "plant/line/data", "plant/line/data"],
    ["an interpolation", "a/${b}", "a/$${b}"],
    ["a directive", "a/%{if c}", "a/%%{if c}"],
    ["two of them", "${a}${b}", "$${a}$${b}"],
    ["a dollar and a brace apart", "$SYS/{id}/100%", "$SYS/{id}/100%"],
    ["a dollar before an interpolation", "$${a}", "$$${a}"],
  ])("%s is taken as it is", (_, text, escaped) => {
    expect(literal(text)).toBe(escaped);
  });
});

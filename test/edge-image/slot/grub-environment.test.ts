import { expect, test } from "@jest/globals";
import { grubEnvironment, parseGrubEnvironment } from "../../../edge-image/slot/grub-environment";

test("what is written is read again, and fills its block", () => {
  const values = { dmz_trial: "1.10.0", dmz_left: "2", options: "root=/dev/x quiet" };
  expect(grubEnvironment(values)).toHaveLength(1024);
  expect(parseGrubEnvironment(grubEnvironment(values))).toEqual(values);
});

test.each([
  ["zeros", Buffer.alloc(1024)],
  ["a cut-off block", grubEnvironment({}).subarray(0, 10)],
  ["nothing", Buffer.alloc(0)],
])("%s are no environment", (_, block) => expect(parseGrubEnvironment(block)).toBeUndefined());

test.each([["a\nb"], ["a\\b"]])("a value that GRUB would read as another is refused", (value) =>
  expect(() => grubEnvironment({ name: value })).toThrow(/neither line breaks nor backslashes/),
);

test("values that do not fit are refused, not cut off", () =>
  expect(() => grubEnvironment({ name: "x".repeat(1000) })).toThrow(/below 1024 bytes/));

import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Checksums } from "../../../broker/src/persistence/checksums";
import { OpenedRecords } from "../../../broker/src/persistence/opened-records";

const KEYS = ["a", "b", "c", "d", "e", "f"];

test("the checksums in force are those of a plain map, whatever the opening held and whatever changed since", () => {
  const change = fc.tuple(fc.constantFrom(...KEYS), fc.option(fc.integer(), { nil: undefined }));
  fc.assert(
    fc.property(fc.subarray(KEYS), fc.array(change, { maxLength: 40 }), (held, changes) => {
      const opened = new OpenedRecords();
      const expected = new Map<string, number>();
      held.forEach((key, i) => {
        opened.add(key, Buffer.from(key), 0, i);
        expected.set(key, i);
      });
      const checksums = new Checksums(opened);
      for (const [key, checksum] of changes) {
        expect(checksums.replace(key, checksum)).toBe(expected.get(key));
        if (checksum === undefined) expected.delete(key);
        else expected.set(key, checksum);
        expect(checksums.size).toBe(expected.size);
      }
    }),
  );
});

test("values of any length come back as they were read, also to who asked before they were forgotten", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { maxLength: 30 }), (lengths) => {
      const opened = new OpenedRecords();
      const values = lengths.map((length, i) => Buffer.alloc(length, i + 1));
      const keys = values.map((_, i) => String(i).padStart(3, "0"));
      values.forEach((value, i) => opened.add(keys[i]!, Buffer.concat([Buffer.alloc(4), value]), 4, i));
      const range = opened.range("", "~");
      opened.forgetValues();
      expect([...range].map(([key, value]) => [key, Buffer.compare(value, values[Number(key)]!)])).toEqual(
        keys.map((key) => [key, 0]),
      );
    }),
  );
});

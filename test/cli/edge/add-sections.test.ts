import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { addSections, machineOf } from "../../../cli/edge/add-sections";
import { loadSections, uefiProgram } from "./uefi-program";

test("what is added is in memory as it was given, beside what was there, whatever its size", () => {
  const contents = fc.array(fc.uint8Array({ maxLength: 9_000 }), { maxLength: 5 });
  fc.assert(
    fc.property(contents, (parts) => {
      const program = uefiProgram();
      const added = parts.map((part, index) => ({ name: `.s${index}`, content: Buffer.from(part) }));
      const { imageSize, sections } = loadSections(addSections(program, added));
      const [text, ...rest] = sections;
      expect(text).toEqual(loadSections(program).sections[0]);
      expect(rest.map(({ name, content }) => ({ name, content }))).toEqual(added);
      let end = 0x1300;
      for (const { address, content } of rest) {
        expect(address % 4096).toBe(0);
        expect(address).toBeGreaterThanOrEqual(end);
        end = address + content.length;
      }
      expect(imageSize).toBeGreaterThanOrEqual(end);
      expect(imageSize % 512).toBe(0);
    }),
  );
});

test("the same parts give the same bytes, and the program that was given stays as it was", () => {
  const program = uefiProgram();
  const before = Buffer.from(program);
  const sections = [{ name: ".linux", content: Buffer.from("kernel") }];
  expect(addSections(program, sections).equals(addSections(program, sections))).toBe(true);
  expect(program.equals(before)).toBe(true);
});

test("the time and processor of the program stay, a checksum that would be wrong does not", () => {
  const file = addSections(uefiProgram({ machine: 0xaa64 }), [{ name: ".linux", content: Buffer.alloc(3) }]);
  const pe = file.subarray(file.readUInt32LE(0x3c));
  expect([machineOf(file), pe.readUInt32LE(8), pe.readUInt32LE(24 + 64)]).toEqual([0xaa64, 1234567, 0]);
});

test("more sections than the headers have room for are refused, not written over the code", () => {
  const section = { name: ".x", content: Buffer.alloc(1) };
  expect(() => addSections(uefiProgram({ room: 1 }), [section])).not.toThrow();
  expect(() => addSections(uefiProgram({ room: 1 }), [section, section])).toThrow(/no room for 2 more/);
});

test.each([
  ["text", Buffer.from("#!/bin/sh\n")],
  ["zeros", Buffer.alloc(4096)],
  ["a header that points outside", Object.assign(Buffer.alloc(128), { 0x3c: 0xff, 0x3d: 0xff })],
])("%s is no program for UEFI", (_, file) => {
  expect(() => machineOf(file)).toThrow(/must be a PE file/);
});

import { describe, expect, test } from "@jest/globals";
import { tarEntries } from "../../../cli/image/tar-entries";
import { tar, type TarFile } from "./tiny-image";

const paths = (files: readonly TarFile[]) => [...tarEntries(tar(files))].map(({ path }) => path);
const long = `${"folder/".repeat(30)}sh`;

/** A pax record says its own length, digits included. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const digits = String(rest.length + 3).length;
  return `${rest.length + digits}${rest}`;
}

describe("a tar archive is read", () => {
  test("with content, mode and type", () => {
    const [file, folder, link] = [
      ...tarEntries(
        tar([
          { path: "a", mode: 0o4755, content: "x".repeat(513) },
          { path: "d/", type: "5" },
          { path: "l", type: "2" },
        ]),
      ),
    ];
    expect(file).toMatchObject({ path: "a", type: "file", mode: 0o4755 });
    expect(file!.content.toString()).toBe("x".repeat(513));
    expect(folder).toMatchObject({ path: "d/", type: "folder" });
    expect(link).toMatchObject({ path: "l", type: "other" });
  });

  test("with leading slashes and dots taken off, so that no spelling hides a path", () => {
    expect(paths([{ path: "./bin/sh" }, { path: "/bin/sh" }, { path: "././bin/sh" }])).toEqual([
      "bin/sh",
      "bin/sh",
      "bin/sh",
    ]);
  });

  test("with GNU's long names", () => {
    expect(paths([{ path: "x", type: "L", content: `${long}\0` }, { path: "short" }, { path: "next" }])).toEqual([
      long,
      "next",
    ]);
  });

  test("with pax's long names", () => {
    const content = paxRecord("mtime", "1") + paxRecord("path", long);
    expect(paths([{ path: "x", type: "x", content }, { path: "short" }, { path: "next" }])).toEqual([long, "next"]);
  });
});

test("a tar archive that is cut short is refused", () => {
  const archive = tar([{ path: "a", content: "x".repeat(2000) }]);
  expect(() => [...tarEntries(archive.subarray(0, 1024))]).toThrow("cut short");
});

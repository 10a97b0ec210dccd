import { expect, test } from "@jest/globals";
import { closest } from "../../cli/closest";
import { CommandError } from "../../cli/command-error";
import { explainError } from "../../cli/explain-error";

const errno = (code: string, path?: string): Error =>
  Object.assign(new Error(`${code}: raw text of the system`), { code, path });

test.each<readonly [string, unknown, RegExp, number]>([
  ["one of ours", new CommandError("this", "do that", 2), /^this; do that$/, 2],
  [
    "no permission",
    errno("EACCES", "/etc/x"),
    /^\/etc\/x: not permitted to this user \(EACCES\); .*another folder$/,
    1,
  ],
  ["a read-only disk", errno("EROFS", "/mnt/x"), /^\/mnt\/x: not permitted/, 1],
  ["a file in the way", errno("ENOTDIR", "/a/b"), /^\/a\/b: a file is where a folder must be/, 1],
  ["a folder for a file", errno("EISDIR", "/a/b"), /^\/a\/b: a folder is where a file must be/, 1],
  ["a full disk", errno("ENOSPC"), /no space left/, 1],
  ["a full disk where a copy goes", Object.assign(errno("ENOSPC", "/a"), { dest: "/b" }), /^\/b: no space left/, 1],
  [
    "a plain error of another part",
    new Error("vault 'x': cannot write; do that"),
    /^vault 'x': cannot write; do that$/,
    1,
  ],
  ["a bug", new TypeError("x is not a function"), /^unexpected: x is not a function; DMZ_DEBUG=1/, 1],
  ["a code that nobody foresaw", errno("EIO"), /^unexpected: .*DMZ_DEBUG=1/, 1],
  [
    "Ctrl-C at a question",
    Object.assign(new Error("force closed"), { name: "ExitPromptError" }),
    /nothing was written/,
    0,
  ],
  ["something that is no error", "text", /^text$/, 1],
])("%s is explained", (_, error, message, exitCode) => {
  const explained = explainError(error);
  expect(explained.message).toMatch(message);
  expect(explained.exitCode).toBe(exitCode);
});

test.each([
  ["plnat", ["harbour", "plant"], "plant"],
  ["PLANT", ["plant"], "plant"],
  ["scda", ["scada", "display"], "scada"],
  ["gw-10", ["gw-1", "gw-100"], "gw-1"],
  ["quarry", ["harbour", "plant"], undefined],
  ["x", [], undefined],
])("'%s' among %j means %s", (word, candidates, meant) => {
  expect(closest(word, candidates)).toBe(meant);
});

import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { lockFolder } from "../../cli/folder-lock";
import { requirePrivateFolder } from "../../cli/private-folder";
import { shellQuote } from "../../cli/shell-quote";
import { temporaryFolder } from "../vault/temporary-folder";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());
const at = (name: string): string => join(folder.path, name);

describe("a folder for keys", () => {
  const check = (): Promise<void> => requirePrivateFolder(folder.path, [at("clients"), at("broker.log")]);

  test("may be new, and may hold what an earlier start made", async () => {
    await expect(check()).resolves.toBeUndefined();
    mkdirSync(at("clients"), { mode: 0o700 });
    writeFileSync(at("broker.log"), "", { mode: 0o600 });
    chmodSync(folder.path, 0o755);
    await expect(check()).resolves.toBeUndefined();
  });

  test.each([0o777, 0o770, 0o722])("is refused while others may write to it, with mode %o", async (mode) => {
    chmodSync(folder.path, mode);
    await expect(check()).rejects.toThrow("others may write there");
  });

  test.each(["clients", "broker.log"])("is refused when its '%s' is a link", async (name) => {
    symlinkSync(at("elsewhere"), at(name));
    await expect(check()).rejects.toThrow(`${at(name)}: is a link`);
    expect(existsSync(at("elsewhere"))).toBe(false);
  });

  test("is refused when others may write to what is in it", async () => {
    mkdirSync(at("clients"));
    chmodSync(at("clients"), 0o777);
    await expect(check()).rejects.toThrow(`${at("clients")}: others may write there`);
  });

  test("is refused when it is another user's", async () => {
    // The tests may run as root or not: another user's is what this process pretends not to be.
    const { getuid } = process;
    process.getuid = () => 4_711;
    try {
      await expect(check()).rejects.toThrow("belongs to another user");
    } finally {
      process.getuid = getuid;
    }
  });
});

describe("a dead lock", () => {
  /** A process that was, and is no more. */
  const { pid } = spawnSync(process.execPath, ["-e", ""]);

  test("is taken over by exactly one of many that find it", async () => {
    for (const dead of [`${pid}\n`, ""]) {
      writeFileSync(at("start.lock"), dead);
      const starts = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder.path)));
      const winners = starts.filter((start) => start.status === "fulfilled");
      expect(winners).toHaveLength(1);
      await expect(lockFolder(folder.path)).rejects.toThrow(`process ${process.pid} runs this site already`);
      await winners[0]!.value();
      expect(readdirSync(folder.path)).toEqual([]);
    }
  });

  test("may be one of an earlier process with the same id", async () => {
    writeFileSync(at("start.lock"), `${process.pid}\n`);
    await (
      await lockFolder(folder.path)
    )();
  });
});

test.each(["a b", "O'Brien", "$(touch x)", "`x`", '"', "\\", "-v;x"])("a shell reads %j as it was", (text) => {
  const { stdout } = spawnSync("sh", ["-c", `printf %s ${shellQuote(text)}`], { encoding: "utf8" });
  expect(stdout).toBe(text);
});

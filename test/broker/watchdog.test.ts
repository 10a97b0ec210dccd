import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { build } from "esbuild";
import { watchStore } from "../../broker/src/watch-store";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dmz-watchdog-"));
  // Bundled and minified as the broker is: the thread's function must stand alone.
  await build({
    entryPoints: [join(__dirname, "watchdog-child.ts")],
    outfile: join(folder, "child.cjs"),
    bundle: true,
    minify: true,
    keepNames: true,
    platform: "node",
    target: "node20",
  });
});
afterAll(() => rm(folder, { recursive: true }));

const run = async (mode: string): Promise<{ code: number | null; signal: string | null; text: string }> => {
  const child = spawn(process.execPath, [join(folder, "child.cjs"), mode], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (part: Buffer) => (text += part.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal, text };
};

test("a process whose event loop is stuck ends, and its last line says why", async () => {
  const { signal, text } = await run("block");
  expect(signal).toBe("SIGKILL");
  expect(JSON.parse(text)).toMatchObject({ level: "fatal", event: "event-loop-stuck", site: "plant", stuckMs: 300 });
});

test("a process whose event loop turns is left alone", async () => {
  expect(await run("turn")).toEqual({ code: 0, signal: null, text: "" });
});

const stuck = (probe: () => Promise<unknown>): Promise<Error> =>
  new Promise((resolve) => void watchStore({ probe, onStuck: resolve, stuckMs: 20 }));

test("a store that hangs, or breaks, is stuck; it is asked again and again", async () => {
  expect((await stuck(() => new Promise(() => undefined))).message).toBe("the store did not answer within 20 ms");
  expect((await stuck(() => Promise.reject(new Error("read-only file system")))).message).toBe("read-only file system");
  let asked = 0;
  const third = async (): Promise<void> => {
    if ((asked += 1) === 3) throw new Error("the third time");
  };
  expect((await stuck(third)).message).toBe("the third time");
});

test("a store that answers is never stuck, and is asked no more once it is stopped", async () => {
  let asked = 0;
  const answered = new Promise<void>((resolve, reject) => {
    const stop = watchStore({
      stuckMs: 20,
      onStuck: reject,
      probe: async () => {
        if ((asked += 1) < 4) return;
        stop();
        resolve();
      },
    });
  });
  await answered;
  expect(asked).toBe(4);
});

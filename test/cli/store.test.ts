import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { openLevel } from "../../broker/src/persistence/level-database";
import { LevelKeyValue } from "../../broker/src/persistence/level-key-value";
import { RawClient } from "../broker/delivery/raw-client";
import { startDelivery } from "../broker/delivery/start-delivery";

/* `dmz store`, as an operator types it: each command is a process of its own. */

jest.setTimeout(120_000);

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mqtt-dmz-test-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));
const at = (name: string): string => join(root, name);

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
const run = promisify(execFile);
const DMZ = join(__dirname, "../../cli/dmz.js");
/** Runs the command, with its standard input from a file if one is given. */
const dmz = (...args: string[]): Promise<Result> =>
  run(process.execPath, [DMZ, "store", ...args], { maxBuffer: 2 ** 28, env: { ...process.env, NO_COLOR: "1" } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Result) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );

/** A small store with a session and its queue. */
async function makeStore(folder: string): Promise<void> {
  const keyValue = await LevelKeyValue.open({ folder, create: true });
  const broker = await startDelivery({ keyValue });
  const reader = await RawClient.connect(broker.port, "reader", { clean: false });
  await reader.subscribe(["a/#", 1]);
  await reader.disconnect();
  const writer = await RawClient.connect(broker.port, "writer");
  for (let i = 1; i <= 20; i++) await writer.publish(`a/${i}`, `${i}`, 1, true);
  await broker.close();
  await keyValue.close();
}
const contentOf = async (folder: string): Promise<string> => {
  const names = (await readdir(folder)).sort();
  const hash = createHash("sha256");
  for (const name of names) hash.update(name).update(await readFile(join(folder, name)));
  return hash.digest("hex");
};

test("a rehearsal: checkpoint under load, export, import, verify; a broker on it delivers all that was acknowledged", async () => {
  await mkdir(at("store"));
  const keyValue = await LevelKeyValue.open({ folder: at("store/live"), create: true });
  const broker = await startDelivery({ keyValue });
  const reader = await RawClient.connect(broker.port, "reader", { clean: false });
  await reader.subscribe(["a", 1]);
  await reader.disconnect();
  const writer = await RawClient.connect(broker.port, "writer");
  const acknowledged: string[] = [];
  let publishing = true;
  let first!: () => void;
  const begun = new Promise<void>((resolve) => (first = resolve));
  const load = (async () => {
    // Less than a queue holds: nothing is dropped for want of room.
    for (let i = 1; publishing && i <= 900; i++) {
      await writer.publish("a", `${i}`, 1, i % 10 === 0);
      acknowledged.push(`${i}`);
      if (i === 50) first();
    }
  })();
  await begun;
  const before = acknowledged.length;
  const checkpoint = await dmz("checkpoint", at("store/live"), at("store/copy"));
  const during = acknowledged.length;
  publishing = false;
  await load;
  await broker.close();
  await keyValue.close();
  expect(checkpoint).toMatchObject({ code: 0, stderr: "" });
  expect(during).toBeGreaterThan(before);

  expect(await dmz("export", at("store/copy"), at("export.jsonl"))).toMatchObject({ code: 0, stderr: "" });
  expect((await stat(at("export.jsonl"))).mode & 0o777).toBe(0o600);
  expect(await dmz("import", at("restored"), at("export.jsonl"))).toMatchObject({ code: 0, stderr: "" });
  const verified = await dmz("verify", at("restored"));
  expect(verified).toMatchObject({ code: 0, stderr: "" });
  expect(verified.stdout).toMatch(/session\s+1\n/);

  const restored = await LevelKeyValue.open({ folder: at("restored"), create: false });
  const again = await startDelivery({ keyValue: restored });
  const back = await RawClient.connect(again.port, "reader", { clean: false });
  const delivered: string[] = [];
  for (let more = true; more;) {
    const packets = await back.all();
    for (const packet of packets)
      if (packet.cmd === "publish") delivered.push((packet as unknown as { payload: Buffer }).payload.toString());
    more = packets.length > 0;
    if (more) back.send(...packets.map(({ messageId }) => ({ cmd: "puback", messageId }) as never));
  }
  await again.close();
  await restored.close();
  expect(delivered.slice(0, before)).toEqual(acknowledged.slice(0, before));
}, 120_000);

describe("verify", () => {
  test("says what a store holds, of a root the last epoch that was named, and changes nothing", async () => {
    await makeStore(at("root/epoch-000000000001"));
    await cp(at("root/epoch-000000000001"), at("root/epoch-000000000002"), { recursive: true });
    await writeFile(at("root/epoch-000000000002/COMPLETED"), "");
    await mkdir(at("root/epoch-000000000003"));
    const before = await contentOf(at("root/epoch-000000000002"));
    const { code, stdout } = await dmz("verify", at("root"), "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      event: "verified",
      folder: at("root/epoch-000000000002"),
      records: { message: 20, queue: 20, retained: 20, session: 1, subscription: 1 },
      faults: [],
    });
    expect(await contentOf(at("root/epoch-000000000002"))).toBe(before);
  });

  test("works on a store that is open", async () => {
    await makeStore(at("store"));
    const store = await LevelKeyValue.open({ folder: at("store"), create: false });
    expect((await dmz("verify", at("store"))).code).toBe(0);
    await store.batch([]);
    await store.close();
  });

  test("says what is missing, all of it, and fails", async () => {
    await makeStore(at("store"));
    const level = await openLevel(at("store"), false);
    await level.del("session/reader");
    await level.put("retained/a%2F1", (await level.get("retained/a%2F2"))!);
    await level.close();
    const { code, stdout, stderr } = await dmz("verify", at("store"));
    expect(code).toBe(1);
    expect(stdout).toContain("fault: the record 'retained/a%2F1' is damaged");
    expect(stderr).toMatch(/1 fault; start no broker on it: .*docs\/store\.md/);
  });

  test("says so of records that a start would miss, although each is what was written", async () => {
    const store = await LevelKeyValue.open({ folder: at("store"), create: true });
    await store.batch([{ type: "put", key: "subscription/gone/a", value: Buffer.from([1]) }]);
    await store.close();
    const { code, stdout } = await dmz("verify", at("store"), "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout.split("\n")[0]!)).toMatchObject({
      faults: ["the record 'subscription/gone/a' is there, its session is missing"],
    });
  });

  test("names the file that is missing", async () => {
    await makeStore(at("store"));
    await rm(at("store/CURRENT"));
    const { code, stdout } = await dmz("verify", at("store"));
    expect([code, stdout]).toEqual([1, expect.stringContaining("the file CURRENT is missing")]);
  });

  test("says so of a damaged store among files that are not its own and cannot be copied", async () => {
    await makeStore(at("store"));
    await rm(at("store/CURRENT"));
    await mkdir(at("store/photos"));
    const socket = createServer().listen(at("store/socket"));
    await once(socket, "listening");
    const { code, stdout } = await dmz("verify", at("store"));
    socket.close();
    expect([code, stdout]).toEqual([1, expect.stringContaining("the file CURRENT is missing")]);
  });
});

describe("a wrong command line is said before anything is made", () => {
  beforeEach(async () => {
    await mkdir(at("empty"));
    await mkdir(at("photos/of/a/plant"), { recursive: true });
    await writeFile(at("photos/notes.log"), "no store's");
    await writeFile(at("file"), "no store");
  });

  test.each([
    ["verify", "empty", "there is no store in it"],
    ["verify", "photos", "there is no store in it"],
    ["verify", "nowhere", "there is no such folder"],
    ["verify", "file", "is a file"],
    ["checkpoint", "photos", "there is no store in it", "target"],
    ["export", "photos", "there is no store in it", "target"],
    ["import", "photos", "is not empty", "file"],
    ["import", "file", "is a file", "file"],
    ["import", "target", "there is no such file", "nowhere"],
    ["import", "target", "is a folder", "photos"],
  ])("%s %s: %s", async (command, folder, reason, ...more) => {
    const before = (await readdir(root)).sort();
    const { code, stderr } = await dmz(command, at(folder), ...more.map(at));
    expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
    expect(stderr).not.toContain("unexpected");
    expect((await readdir(root)).sort()).toEqual(before);
  });
});

describe("export and import", () => {
  test("give the same store again, through a pipe too", async () => {
    await makeStore(at("store"));
    const { stdout } = await dmz("export", at("store"));
    await writeFile(at("a.jsonl"), stdout);
    await mkdir(at("new"));
    expect((await dmz("import", at("new"), at("a.jsonl"))).code).toBe(0);
    expect((await dmz("export", at("new"), at("a/new/folder/a.jsonl"))).code).toBe(0);
    const again = await dmz("export", at("new"));
    // The number of the commit is the new store's own.
    expect(again.stdout.split("\n").slice(1)).toEqual(stdout.split("\n").slice(1));
    expect(again.stdout.split("\n").length).toBe(20 * 3 + 2 + 3);
  });

  test("an export that was cut or changed is refused, and leaves nothing behind", async () => {
    await makeStore(at("store"));
    await dmz("export", at("store"), at("a.jsonl"));
    const text = await readFile(at("a.jsonl"), "utf8");
    const damages: Record<string, string> = {
      "the last line is missing": text.split("\n").slice(0, -2).join("\n"),
      "not those that were exported": text.replace(/"value":"AQ/, '"value":"Ag'),
      "it must have 62 records, and has 61": text.split("\n").toSpliced(3, 1).join("\n"),
      "line 1: 'export' must be": text.replace("export 1", "export 7"),
      "it must be an object in JSON": text.slice(0, 500),
    };
    for (const [reason, damaged] of Object.entries(damages)) {
      expect(damaged).not.toBe(text);
      await writeFile(at("b.jsonl"), damaged);
      const { code, stderr } = await dmz("import", at("new"), at("b.jsonl"));
      expect([code, stderr]).toEqual([1, expect.stringContaining(reason)]);
      expect((await readdir(root)).sort()).toEqual(["a.jsonl", "b.jsonl", "store"]);
    }
  });

  test("nothing that is there is replaced", async () => {
    await makeStore(at("store"));
    const before = await contentOf(at("store"));
    await writeFile(at("taken"), "mine");
    expect(await dmz("export", at("store"), at("taken"))).toMatchObject({ code: 2 });
    expect(await dmz("checkpoint", at("store"), at("taken"))).toMatchObject({ code: 2 });
    await dmz("export", at("store"), at("a.jsonl"));
    const { code, stderr } = await dmz("import", at("store"), at("a.jsonl"));
    expect([code, stderr]).toEqual([2, expect.stringContaining("is not empty")]);
    expect(await readFile(at("taken"), "utf8")).toBe("mine");
    expect(await contentOf(at("store"))).toBe(before);
  });

  test("a damaged store is exported only on purpose, and what is left out is said", async () => {
    await makeStore(at("store"));
    const level = await openLevel(at("store"), false);
    await level.put("retained/a%2F1", Buffer.from("damaged"));
    await level.close();
    const refused = await dmz("export", at("store"), at("a.jsonl"));
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("'--salvage' exports what is well")]);
    expect(await readdir(root)).toEqual(["store"]);
    const salvaged = await dmz("export", at("store"), at("a.jsonl"), "--salvage");
    expect([salvaged.code, salvaged.stderr]).toEqual([1, expect.stringContaining("'retained/a%2F1' is damaged")]);
    expect((await dmz("import", at("new"), at("a.jsonl"))).code).toBe(0);
    const { code, stdout } = await dmz("verify", at("new"), "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ records: { retained: 19, queue: 20 } });
  });

  test("of a log that was cut, what is left", async () => {
    await makeStore(at("store"));
    const log = (await readdir(at("store"))).find((name) => name.endsWith(".log"))!;
    await truncate(join(at("store"), log), 2_000);
    expect((await dmz("verify", at("store"))).stdout).toMatch(/fault: commits \d+ to \d+ are missing/);
    const { code, stdout } = await dmz("export", at("store"), "--salvage");
    expect(code).toBe(1);
    expect(stdout.split("\n").length).toBeGreaterThan(4);
  });
});

import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import { MessageQueue, type MessageQueueProps } from "../../edge-image/agent/queue/message-queue";
import type { QueueEvent } from "../../edge-image/agent/queue/queue-state";
import { decodeAt, encodeMessage, type StoredMessage } from "../../edge-image/agent/queue/record";
import { HEADER } from "../../edge-image/agent/queue/segment-header";

const OWNER = { site: "plant", device: "gw-1" };
const MIB = 1024 * 1024;

let folder: string;
let events: QueueEvent[];
let open_: MessageQueue[];
let clock: number;
/** What no leap of the clock changes, ms. */
let running: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dmz-queue-"));
  events = [];
  open_ = [];
  clock = 1_000_000;
  running = 0;
});
afterEach(async () => {
  for (const queue of open_) await queue.close();
  await rm(folder, { recursive: true });
});

const openQueue = async (changes: Partial<MessageQueueProps> = {}): Promise<MessageQueue> => {
  const queue = await MessageQueue.open({
    folder,
    owner: OWNER,
    bounds: { maxBytes: 64 * MIB, maxAgeHours: 1, overflow: "drop-oldest" },
    now: () => clock,
    monotonic: () => running,
    report: (event) => events.push(event),
    commitMs: 1,
    ...changes,
  });
  open_.push(queue);
  return queue;
};
const message = (n: number, bytes = 0) => ({
  topic: "data/n",
  payload: Buffer.from(`${n}`.padEnd(bytes)),
  retain: false,
  sparkplug: false,
});
const fill = (queue: MessageQueue, from: number, to: number, bytes?: number): Promise<unknown> =>
  Promise.all(Array.from({ length: to - from }, (_, i) => queue.append(message(from + i, bytes))));
const readAll = async (queue: MessageQueue): Promise<readonly StoredMessage[]> => {
  const all: StoredMessage[] = [];
  await queue.rewind();
  for (let next = await queue.read(); next.length > 0; next = await queue.read()) all.push(...next);
  return all;
};
const numbers = async (queue: MessageQueue): Promise<readonly number[]> =>
  (await readAll(queue)).map(({ payload }) => Number(payload.toString()));
const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);
const segments = async (): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith(".segment")).sort();
const flip = async (path: string, offset: number): Promise<void> => {
  const bytes = await readFile(path);
  bytes[offset] = bytes[offset]! ^ 0xff;
  await writeFile(path, bytes);
};
const asideBytes = async (): Promise<number> => {
  const names = await readdir(join(folder, "aside")).catch(() => []);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, "aside", name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
};

test("a record comes back as it was written, and any changed byte shows", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(
      bytes,
      fc.string({ maxLength: 30 }),
      fc.nat(),
      fc.boolean(),
      fc.nat(),
      (payload, topic, seq, retain, at) => {
        const certain = at % 2 === 0;
        const written = {
          topic: Buffer.from(topic).toString(),
          payload: Buffer.from(payload),
          retain,
          sparkplug: !retain,
        };
        const record = encodeMessage(written, seq, 1_234, certain);
        const entry = { kind: "message", message: { ...written, seq, time: 1_234, certain } };
        expect(decodeAt(record, 0)).toEqual({ entry, next: record.length });
        record[at % record.length]! ^= 1 + (at % 255);
        expect(typeof decodeAt(record, 0)).toBe("string");
      },
    ),
  );
});

test("messages come out in order, once they are acknowledged they are gone, over restarts", async () => {
  const first = await openQueue();
  await fill(first, 0, 500);
  expect(await numbers(first)).toEqual(range(0, 500));
  first.acknowledge(199);
  await first.close();
  const second = await openQueue();
  expect(await numbers(second)).toEqual(range(200, 500));
  await fill(second, 500, 600);
  expect(await numbers(second)).toEqual(range(200, 600));
  expect(events).toEqual([]);
});

test("what was acknowledged leaves the disk", async () => {
  const queue = await openQueue();
  await fill(queue, 0, 300, 64 * 1024);
  expect((await segments()).length).toBeGreaterThan(3);
  queue.acknowledge(299);
  await queue.close();
  expect((await segments()).length).toBe(1);
  expect(await numbers(await openQueue())).toEqual([]);
});

test("appending and reading at once loses and repeats nothing", async () => {
  const queue = await openQueue();
  const got: number[] = [];
  const done = new AbortController();
  const reading = (async () => {
    while (got.length < 5_000) {
      const more = queue.more(done.signal);
      const next = await queue.read();
      for (const { payload, seq } of next) {
        got.push(Number(payload.toString()));
        queue.acknowledge(seq);
      }
      if (next.length === 0) await more;
    }
  })();
  for (let n = 0; n < 5_000; n += 100) await fill(queue, n, n + 100, 500);
  await reading;
  done.abort();
  expect(got).toEqual(range(0, 5_000));
});

test.each([1, 5, 12, 30])("a tail torn %i bytes short is set aside, and all before it is there", async (cut) => {
  const first = await openQueue();
  await fill(first, 0, 10);
  await first.close();
  const path = join(folder, (await segments())[0]!);
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length - cut));
  const second = await openQueue();
  expect(await numbers(second)).toEqual(range(0, 9));
  expect(events).toMatchObject([{ kind: "torn" }]);
  expect(await asideBytes()).toBeGreaterThan(0);
  // And once more, without a new complaint.
  await second.append(message(9));
  await second.close();
  expect(await numbers(await openQueue())).toEqual(range(0, 10));
  expect(events.length).toBe(1);
});

test.each([0, 3, 12, 31, 40])("a segment of which power left %i bytes holds up nothing", async (left) => {
  const first = await openQueue();
  await fill(first, 0, 3);
  await first.close();
  const second = await openQueue();
  await second.append(message(3));
  await second.close();
  const path = join(folder, (await segments())[1]!);
  await writeFile(path, (await readFile(path)).subarray(0, left));
  const third = await openQueue();
  expect(await numbers(third)).toEqual([0, 1, 2]);
  await third.append(message(4));
  expect(await numbers(third)).toEqual([0, 1, 2, 4]);
});

test("damage in the middle is reported, counted and kept aside, and all around it is sent", async () => {
  const first = await openQueue();
  await fill(first, 0, 100, 50);
  await first.close();
  const path = join(folder, (await segments())[0]!);
  const record = encodeMessage(message(0, 50), 0, clock, false).length;
  await flip(path, HEADER + record * 40 + 20);
  await flip(path, HEADER + record * 41 + 4);
  const second = await openQueue();
  expect(await numbers(second)).toEqual([...range(0, 40), ...range(42, 100)]);
  expect(events).toMatchObject([{ kind: "damaged", lost: 2, bytes: 2 * record }]);
  expect(await asideBytes()).toBe(2 * record);
  // Met again, said once.
  expect((await numbers(second)).length).toBe(98);
  expect(events.length).toBe(1);
});

test("damage to the head of a segment costs no message", async () => {
  const first = await openQueue();
  await fill(first, 0, 10);
  await first.close();
  const path = join(folder, (await segments())[0]!);
  await flip(path, 3);
  expect(await numbers(await openQueue())).toEqual(range(0, 10));
  expect(events).toMatchObject([{ kind: "damaged", lost: 0 }]);
});

test("a segment that is gone is reported with the number of its messages", async () => {
  const first = await openQueue();
  await fill(first, 0, 300, 64 * 1024);
  await first.close();
  const names = await segments();
  const [lost, next] = [1, 2].map((i) => parseInt(names[i]!, 16));
  await rm(join(folder, names[1]!));
  const second = await openQueue();
  expect(await numbers(second)).toEqual([...range(0, lost!), ...range(next!, 300)]);
  expect(events).toMatchObject([{ kind: "damaged", lost: next! - lost! }]);
});

test("damage anywhere never hides more than itself", async () => {
  const first = await openQueue();
  await fill(first, 0, 50, 40);
  await first.close();
  const path = join(folder, (await segments())[0]!);
  const whole = await readFile(path);
  const record = encodeMessage(message(0, 40), 0, clock, false).length;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: HEADER, max: whole.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, bits) => {
        const bytes = Buffer.from(whole);
        bytes[at] = bytes[at]! ^ bits;
        await writeFile(path, bytes);
        const queue = await openQueue();
        const hit = Math.floor((at - HEADER) / record);
        expect(await numbers(queue)).toEqual(range(0, 50).filter((n) => n !== hit));
        await queue.close();
        for (const name of await segments()) if (join(folder, name) !== path) await rm(join(folder, name));
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  ["its format file", async () => writeFile(join(folder, "format.json"), JSON.stringify({ version: 2, ...OWNER }))],
  [
    "a segment",
    async () => {
      const path = join(folder, (await segments())[0]!);
      const bytes = await readFile(path);
      bytes.writeUInt16BE(2, 8);
      await writeFile(path, bytes);
    },
  ],
])("a queue whose newer version shows in %s is refused and not touched", async (_, change) => {
  const first = await openQueue();
  await fill(first, 0, 10);
  await first.close();
  await change();
  const snapshot = async () =>
    Promise.all((await readdir(folder)).sort().map((name) => readFile(join(folder, name), "hex")));
  const before = await snapshot();
  await expect(openQueue()).rejects.toMatchObject({ code: "queue-version" });
  await expect(openQueue()).rejects.toThrow(/newer agent \(queue version 2, this one reads up to 1\)/);
  expect(await snapshot()).toEqual(before);
});

test("another device's queue is refused and not touched", async () => {
  const first = await openQueue();
  await fill(first, 0, 10);
  await first.close();
  await expect(openQueue({ owner: { site: "plant", device: "gw-2" } })).rejects.toThrow("messages of 'gw-1'");
  expect(await numbers(await openQueue())).toEqual(range(0, 10));
});

test("drop-oldest gives up the oldest messages, says which, and stays within its bytes", async () => {
  const queue = await openQueue({ bounds: { maxBytes: MIB, maxAgeHours: 1, overflow: "drop-oldest" } });
  for (let n = 0; n < 1_000; n += 10) await fill(queue, n, n + 10, 4096);
  expect(queue.stats().bytes).toBeLessThanOrEqual(MIB);
  const left = await numbers(queue);
  expect(left).toEqual(range(left[0]!, 1_000));
  const dropped = events.flatMap((event) => (event.kind === "dropped" ? [event] : []));
  expect(dropped.every(({ why }) => why === "size")).toBe(true);
  expect(dropped.map(({ first }) => first)).toEqual([0, ...dropped.slice(0, -1).map(({ last }) => last + 1)]);
  expect(dropped.at(-1)!.last).toBe(left[0]! - 1);
  expect(queue.stats()).toMatchObject({ dropped: left[0], accepted: 1_000 });
});

test("refuse-new keeps what it has, refuses what is new, and takes messages again when there is room", async () => {
  const queue = await openQueue({ bounds: { maxBytes: MIB, maxAgeHours: 1, overflow: "refuse-new" } });
  let accepted = 0;
  const error = await (async () => {
    for (;;) await queue.append(message(accepted, 4096)).then(() => accepted++);
  })().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: "QueueFull" });
  expect(queue.stats().bytes).toBeLessThanOrEqual(MIB);
  expect(await numbers(queue)).toEqual(range(0, accepted));
  queue.acknowledge(accepted - 2);
  await queue.close();
  const again = await openQueue({ bounds: { maxBytes: MIB, maxAgeHours: 1, overflow: "refuse-new" } });
  await again.append(message(accepted));
  expect(await numbers(again)).toEqual([accepted - 1, accepted]);
  expect(events).toEqual([]);
});

const HOUR = 3_600_000;

/** Time goes on, and the device's clock with it. */
const pass = (hours: number): void => {
  running += hours * HOUR;
  clock += hours * HOUR;
};

test("what is too old goes, and is counted", async () => {
  const queue = await openQueue();
  await fill(queue, 0, 10);
  pass(2);
  await fill(queue, 10, 15);
  await queue.expire();
  expect(await numbers(queue)).toEqual(range(10, 15));
  expect(events).toEqual([{ kind: "dropped", why: "age", first: 0, last: 9 }]);
});

test("a clock that leaps drops nothing, ahead or back, whoever set it; time that passes does", async () => {
  let synchronised = false;
  const queue = await openQueue({ isSynchronised: () => synchronised });
  await fill(queue, 0, 5);
  // The device woke up in 1970, and network time came.
  clock += 50 * 365 * 24 * HOUR;
  synchronised = true;
  await queue.expire();
  await fill(queue, 5, 10);
  clock += 100 * HOUR;
  await queue.expire();
  expect(await numbers(queue)).toEqual(range(0, 10));
  clock -= 1_000 * HOUR;
  pass(1.5);
  await queue.expire();
  expect(await numbers(queue)).toEqual([]);
});

test("what was stamped before network time came is kept over a restart, too, and counted from it", async () => {
  const before = await openQueue();
  await fill(before, 0, 5);
  await before.close();
  clock += 50 * 365 * 24 * HOUR;
  const queue = await openQueue({ isSynchronised: () => true });
  await queue.expire();
  expect(await numbers(queue)).toEqual(range(0, 5));
  pass(0.9);
  await queue.expire();
  expect(await numbers(queue)).toEqual(range(0, 5));
  pass(0.2);
  await queue.expire();
  expect(await numbers(queue)).toEqual([]);
});

test("a device that was switched off for too long drops what it holds only when network time said so before and after", async () => {
  const before = await openQueue({ isSynchronised: () => true });
  await fill(before, 0, 5);
  await before.close();
  clock += 2 * HOUR;
  let synchronised = false;
  const queue = await openQueue({ isSynchronised: () => synchronised });
  await queue.expire();
  expect(await numbers(queue)).toEqual(range(0, 5));
  synchronised = true;
  await queue.expire();
  expect(await numbers(queue)).toEqual([]);
  expect(events).toEqual([{ kind: "dropped", why: "age", first: 0, last: 4 }]);
});

test("messages of many hours are told apart by age, those of one minute together at most", async () => {
  const queue = await openQueue({ bounds: { maxBytes: 64 * MIB, maxAgeHours: 10, overflow: "drop-oldest" } });
  for (let n = 0; n < 20; n++) {
    await fill(queue, n, n + 1);
    pass(1);
  }
  await queue.expire();
  expect(await numbers(queue)).toEqual(range(10, 20));
  queue.acknowledge(14);
  pass(6.5);
  await queue.expire();
  expect(await numbers(queue)).toEqual(range(17, 20));
});

/** Opens files on a disk that refuses from some byte on, until told otherwise. */
const fullDisk = (room: { bytes: number }): typeof open =>
  (async (...arguments_: Parameters<typeof open>) => {
    const handle = await open(...arguments_);
    const write = handle.write.bind(handle) as (...all: unknown[]) => Promise<{ bytesWritten: number }>;
    const limited = async (buffer: Buffer, offset: number, length: number, position: number) => {
      if (room.bytes <= 0) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      // As a real disk does: what still fits is written.
      const written = await write(buffer, offset, Math.min(length, room.bytes), position);
      room.bytes -= written.bytesWritten;
      return written;
    };
    return Object.assign(handle, { write: limited });
  }) as typeof open;

test("a full disk refuses new messages, loses none that was accepted, and is over when there is room", async () => {
  const room = { bytes: 3_000 };
  const queue = await openQueue({ openFile: fullDisk(room) });
  const accepted: number[] = [];
  const refused: number[] = [];
  for (let n = 0; n < 100; n++) {
    if (n === 60) room.bytes = MIB;
    await queue.append(message(n, 60)).then(
      () => accepted.push(n),
      () => refused.push(n),
    );
  }
  expect(refused.length).toBeGreaterThan(10);
  expect(accepted).toContain(99);
  expect(await numbers(queue)).toEqual(accepted);
  expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["disk-failed", "disk-works"]));
  await queue.close();
  expect(await numbers(await openQueue())).toEqual(accepted);
});

test("after a failed sync nothing is acknowledged that may not be on disk", async () => {
  let failing = false;
  const openFile = (async (...arguments_: Parameters<typeof open>) => {
    const handle = await open(...arguments_);
    const datasync = handle.datasync.bind(handle);
    return Object.assign(handle, {
      datasync: () => (failing ? Promise.reject(new Error("EIO: i/o error, fdatasync")) : datasync()),
    });
  }) as typeof open;
  const queue = await openQueue({ openFile });
  await fill(queue, 0, 5);
  failing = true;
  await expect(queue.append(message(5))).rejects.toThrow("EIO");
  failing = false;
  await queue.append(message(6));
  expect(await numbers(queue)).toEqual([0, 1, 2, 3, 4, 6]);
  expect((await segments()).length).toBe(2);
});

test("a torn tail and damage that the disk has no room to keep aside are told, and all around them is sent", async () => {
  const queue = await openQueue();
  await fill(queue, 0, 10, 100);
  await queue.close();
  const [name] = await segments();
  const path = join(folder, name!);
  const bytes = await readFile(path);
  bytes[bytes.indexOf("4 ".padEnd(50)) + 20]! ^= 1;
  await writeFile(
    path,
    Buffer.concat([bytes, encodeMessage({ ...message(10), payload: Buffer.alloc(99) }, 10, 1, false).subarray(0, 60)]),
  );
  // No folder can be made where a file is: as little as one on a full disk.
  await writeFile(join(folder, "aside"), "");
  const again = await openQueue();
  expect(await numbers(again)).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]);
  expect(events).toMatchObject([
    { kind: "torn", bytes: 60, aside: "" },
    { kind: "damaged", lost: 1, aside: "" },
  ]);
  await fill(again, 10, 12);
  expect(await numbers(again)).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11]);
});

test("what cannot be removed from a disk is no end of the agent", async () => {
  const queue = await openQueue({ bounds: { maxBytes: 4 * MIB, maxAgeHours: 1, overflow: "refuse-new" } });
  for (let n = 0; n < 6; n++) await fill(queue, n, n + 1, 100 * 1024);
  const [first] = await segments();
  await rm(join(folder, first!));
  // A folder is no file that can be removed.
  await mkdir(join(folder, first!));
  queue.acknowledge(5);
  await queue.close();
  expect(events).toMatchObject([{ kind: "disk-failed" }]);
});

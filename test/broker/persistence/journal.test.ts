import { expect, test } from "@jest/globals";
import { Journal } from "../../../broker/src/persistence/journal";
import type { Change } from "../../../broker/src/persistence/key-value";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";

/** A store whose batches end when the test says so. */
class SlowKeyValue extends MemoryKeyValue {
  readonly batches: (readonly Change[])[] = [];
  readonly #ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #started: () => void = () => undefined;

  override batch(changes: readonly Change[]): Promise<void> {
    this.batches.push(changes);
    this.#started();
    return new Promise((resolve, reject) => this.#ends.push({ resolve, reject }));
  }
  async started(count: number): Promise<void> {
    while (this.batches.length < count) await new Promise<void>((resolve) => (this.#started = resolve));
  }
  end(error?: Error): void {
    const { resolve, reject } = this.#ends.shift()!;
    if (error) reject(error);
    else resolve();
  }
}

const EMPTY = Buffer.alloc(0);
const opened = () => {
  const store = new SlowKeyValue();
  const failures: Error[] = [];
  const done: string[] = [];
  const holds = { lease: true };
  const journal = new Journal({ store, onFailure: (error) => failures.push(error), mayAcknowledge: () => holds.lease });
  const note = (what: string): void => journal.afterCommit(() => done.push(what));
  return { store, failures, done, journal, note, holds };
};

test("who waits for nothing is told at once", () => {
  const { done, note } = opened();
  note("a");
  expect(done).toEqual(["a"]);
});

test("what was changed in one turn is one batch; what comes meanwhile is the next one", async () => {
  const { store, journal, done, note } = opened();
  journal.put("a", EMPTY);
  note("a");
  journal.put("b", EMPTY);
  note("b");
  await store.started(1);
  journal.delete("a");
  note("c");
  expect(store.batches.map((batch) => batch.length)).toEqual([2]);
  expect(done).toEqual([]);
  store.end();
  await store.started(2);
  expect(done).toEqual(["a", "b"]);
  store.end();
  await journal.committed();
  expect(done).toEqual(["a", "b", "c"]);
});

test("a batch that fails is told once, and nobody who waits is told that it is stored, now or later", async () => {
  const { store, journal, done, note, failures } = opened();
  journal.put("a", EMPTY);
  note("a");
  await store.started(1);
  journal.put("b", EMPTY);
  note("b");
  store.end(new Error("disk full"));
  await new Promise((resolve) => setImmediate(resolve));
  note("c");
  journal.put("c", EMPTY);
  await new Promise((resolve) => setImmediate(resolve));
  expect(failures.map(({ message }) => message)).toEqual(["disk full"]);
  expect(done).toEqual([]);
  expect(store.batches).toHaveLength(1);
});

test("after its end nothing more is stored, and nobody is told otherwise", async () => {
  const { store, journal, done, note } = opened();
  journal.put("a", EMPTY);
  note("a");
  await store.started(1);
  const ended = journal.end();
  journal.put("b", EMPTY);
  note("b");
  store.end();
  await ended;
  expect(store.batches).toHaveLength(1);
  expect(done).toEqual([]);
});

test("a lease that ended while the disk took its time: what is stored is not said to be, now or later", async () => {
  const { store, journal, done, note, holds, failures } = opened();
  journal.put("a", EMPTY);
  note("a");
  await store.started(1);
  journal.put("b", EMPTY);
  note("b");
  holds.lease = false;
  store.end();
  await new Promise((resolve) => setImmediate(resolve));
  holds.lease = true;
  note("c");
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual([]);
  expect(store.batches).toHaveLength(1);
  expect(failures).toEqual([]);
});

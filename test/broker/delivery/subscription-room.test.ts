import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { QueueStore } from "../../../broker/src/delivery/queue-store";
import { Sessions } from "../../../broker/src/delivery/sessions";
import type { Session } from "../../../broker/src/delivery/session";
import { LIMITS } from "../../../broker/src/limits";
import { Journal } from "../../../broker/src/persistence/journal";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { captureLog } from "../log-capture";

const ROOM = 1_000_000;
const ANY_CASE = LIMITS.subscriptionBytesInAnyCase;
/** As deep as a filter may be, no level like another's. */
const deep = (n: number): string => Array.from({ length: LIMITS.topicLevels }, (_, i) => `${n}-${i}`).join("/");
const plain = (n: number): string => `plant/line/gw-${n}/cmd/#`;

/** Sessions that subscribe as long as there is room. */
const plant = () => {
  const journal = new Journal({ store: new MemoryKeyValue(), onFailure: (error) => expect(error).toBeUndefined() });
  const log = captureLog().log;
  const sessions = new Sessions({ journal, store: new QueueStore(journal), log, subscriptionBytes: ROOM });
  const session = (clientId: string): Session => sessions.create(clientId, clientId.split("~")[0]!, true, 0);
  const ask = (of: Session, filter: string): boolean => {
    const granted = sessions.hasRoom(of, filter);
    if (granted) sessions.subscribe(of, filter, 1);
    return granted;
  };
  let asked = 0;
  const fill = (clientId: string): number => {
    const of = session(clientId);
    let granted = 0;
    while (ask(of, deep((asked += 1)))) granted += 1;
    return granted;
  };
  return { sessions, session, ask, fill };
};

test("who asks for the deepest filters takes a fifth of the room, under however many names", () => {
  const { sessions, fill } = plant();
  for (let i = 0; i < 16; i++) fill(`greedy~${i}`);
  expect(sessions.subscriptionBytes).toBeGreaterThan(0.19 * ROOM);
  expect(sessions.subscriptionBytes).toBeLessThanOrEqual(0.2 * ROOM);
});

test("however many are greedy, a device still gets its own filters, and keeps them when it asks again", () => {
  const { sessions, session, ask, fill } = plant();
  for (let i = 0; i < 60; i++) fill(`greedy-${i}`);
  expect(sessions.subscriptionBytes).toBeGreaterThan(0.95 * ROOM);
  const device = session("gw-1");
  const own = [plain(1), "plant/line/gw-1/config", "plant/line/all"];
  expect(own.map((filter) => ask(device, filter))).toEqual([true, true, true]);
  expect(own.map((filter) => ask(device, filter))).toEqual([true, true, true]);
  expect(ask(device, deep(0))).toBe(false);
});

test("what many have in common is counted once: a fleet's filters fit", () => {
  const { sessions, session, ask } = plant();
  for (let i = 0; i < 1_000; i++) {
    const device = session(`gw-${i}`);
    for (const filter of [plain(i), "plant/line/all", "plant/all"]) expect(ask(device, filter)).toBe(true);
  }
  // Each on its own would be 3.6 MB.
  expect(sessions.subscriptionBytes).toBeLessThan(1.4 * ROOM);
});

test("no mix of identities takes more than there is and what each may have in any case, and all of it is given back", () => {
  const step = fc.record({
    who: fc.nat(5),
    filter: fc.oneof(fc.nat(40).map(deep), fc.nat(9).map(plain)),
    drop: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { sessions, session, ask } = plant();
      for (const { who, filter, drop } of steps) {
        const of = sessions.get(`${who}`) ?? session(`${who}`);
        if (drop) sessions.unsubscribe(of, filter);
        else ask(of, filter);
        expect(sessions.subscriptionBytes).toBeLessThanOrEqual(ROOM + 6 * ANY_CASE);
      }
      for (const each of [...sessions.all]) sessions.drop(each);
      expect(sessions.subscriptionBytes).toBe(0);
    }),
    { numRuns: 100 },
  );
});

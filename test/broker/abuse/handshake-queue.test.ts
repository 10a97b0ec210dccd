import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { HandshakeQueue } from "../../../broker/src/abuse/handshake-queue";

const make = (changes: { capacity?: number; perTurn?: number; longestMs?: number } = {}) => {
  let now = 0;
  let turns: (() => void)[] = [];
  const queue = new HandshakeQueue({
    perTurn: 2,
    capacity: 6,
    longestMs: 1_000,
    ...changes,
    now: () => now,
    nextTurn: (call) => void turns.push(call),
    random: () => 0.5,
  });
  const begun: string[] = [];
  const gone: string[] = [];
  return {
    queue,
    begun,
    gone,
    add: (address: string, name = address) =>
      queue.add(
        address,
        () => void begun.push(name),
        () => void gone.push(name),
      ),
    turn: () => {
      const due = turns;
      turns = [];
      for (const call of due) call();
    },
    wait: (ms: number) => (now += ms),
    armed: () => turns.length,
  };
};

test("an idle broker begins at once, and rests when nobody waits", () => {
  const { add, begun, turn, armed } = make();
  add("a");
  add("b");
  expect(begun).toEqual(["a", "b"]);
  turn();
  expect(armed()).toBe(0);
});

test("no more begin in one turn than are allowed", () => {
  const { add, begun, turn } = make();
  for (let i = 0; i < 6; i += 1) add("a", `a${i}`);
  expect(begun).toHaveLength(2);
  turn();
  expect(begun).toHaveLength(4);
});

test("an address that floods waits behind itself: another's only connection is next", () => {
  const { add, begun, turn } = make();
  for (let i = 0; i < 6; i += 1) add("flood", `flood ${i}`);
  add("plant");
  turn();
  expect(begun).toContain("plant");
});

test("when too many wait one of the address with most goes, at random: not the newest, not another's", () => {
  const { add, gone, queue } = make();
  add("plant", "first");
  add("plant", "second");
  add("plant", "waits");
  for (let i = 0; i < 6; i += 1) add("flood", `flood ${i}`);
  expect(queue.size).toBe(6);
  expect(gone).toEqual(["flood 2"]);
});

test("who waited too long is turned away", () => {
  const { add, gone, begun, turn, wait } = make();
  for (let i = 0; i < 4; i += 1) add("a", `${i}`);
  wait(1_001);
  turn();
  expect([begun, gone]).toEqual([
    ["0", "1"],
    ["2", "3"],
  ]);
});

test("everybody is begun or turned away, exactly once, whatever comes when", () => {
  const steps = fc.array(fc.oneof(fc.constantFrom("a", "b", "c", "d"), fc.constant("turn"), fc.constant("wait")));
  fc.assert(
    fc.property(steps, (script) => {
      const { add, begun, gone, turn, wait, queue } = make({ capacity: 4 });
      const came: string[] = [];
      script.forEach((step, i) => {
        if (step === "turn") turn();
        else if (step === "wait") wait(600);
        else {
          came.push(`${step}${i}`);
          add(step, `${step}${i}`);
        }
        expect(queue.size).toBeLessThanOrEqual(4);
      });
      for (let i = 0; i < 10; i += 1) turn();
      expect([...begun, ...gone].sort()).toEqual(came.sort());
    }),
  );
});

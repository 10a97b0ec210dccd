import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { PublishPace } from "../../../broker/src/abuse/publish-pace";

/** A clock with timers that the test moves on. */
const clock = () => {
  let now = 0;
  const timers: { at: number; call: () => void }[] = [];
  return {
    now: () => now,
    later: (ms: number, call: () => void) => void timers.push({ at: now + ms, call }),
    runUntil: (time: number) => {
      for (;;) {
        timers.sort((a, b) => a.at - b.at);
        const next = timers[0];
        if (!next || next.at > time) break;
        timers.shift();
        now = next.at;
        next.call();
      }
      now = time;
    },
  };
};
const limits = {
  messages: { perSecond: 10, burst: 5 },
  bytes: { perSecond: 1_000, burst: 2_000 },
  throttledMs: 60_000,
};

test("what is within the burst goes at once, the rest at the rate", () => {
  const time = clock();
  const pace = new PublishPace({ limits, now: time.now, later: time.later });
  let gone = 0;
  const answers = Array.from({ length: 15 }, () => pace.pace(1, () => (gone += 1)));
  expect(answers.filter((answer) => answer === "now")).toHaveLength(5);
  expect(gone).toBe(5);
  time.runUntil(500);
  expect(gone).toBe(10);
  time.runUntil(1_000);
  expect(gone).toBe(15);
});

test("large messages count by their bytes", () => {
  const time = clock();
  const pace = new PublishPace({ limits, now: time.now, later: time.later });
  let gone = 0;
  pace.pace(2_000, () => (gone += 1));
  expect(pace.pace(1_000, () => (gone += 1))).toBe("held back");
  time.runUntil(999);
  expect(gone).toBe(1);
  time.runUntil(1_001);
  expect(gone).toBe(2);
});

test("whatever is sent and when: each message goes exactly once, in its order, never faster than the rate (but for 5 ms)", () => {
  const sends = fc.array(
    fc.record({ wait: fc.integer({ min: 0, max: 700 }), bytes: fc.integer({ min: 0, max: 900 }) }),
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(
    fc.property(sends, (messages) => {
      const time = clock();
      const pace = new PublishPace({ limits, now: time.now, later: time.later });
      const gone: number[] = [];
      let at = 0;
      let bytes = 0;
      messages.forEach((message, i) => {
        time.runUntil((at += message.wait));
        pace.pace(message.bytes, () => {
          gone.push(i);
          bytes += message.bytes;
          const seconds = (time.now() + 6) / 1_000;
          expect(gone.length).toBeLessThanOrEqual(5 + 10 * seconds);
          expect(bytes).toBeLessThanOrEqual(2_000 + 1_000 * seconds);
        });
      });
      time.runUntil(at + 120_000);
      expect(gone).toEqual(messages.map((_, i) => i));
    }),
  );
});

test("only who is held back without a pause for all the time is too much", () => {
  const time = clock();
  const pace = new PublishPace({ limits, now: time.now, later: time.later });
  const flood = (): string => {
    let last = "";
    for (let i = 0; i < 20; i += 1) last = pace.pace(1, () => undefined);
    return last;
  };
  for (let second = 0; second < 59; second += 1) {
    expect(flood()).not.toBe("too much");
    time.runUntil(second * 1_000);
  }
  time.runUntil(61_000);
  expect(flood()).toBe("too much");

  const patient = new PublishPace({ limits, now: time.now, later: time.later });
  for (let i = 0; i < 200; i += 1) {
    for (let j = 0; j < 20; j += 1) expect(patient.pace(1, () => undefined)).not.toBe("too much");
    time.runUntil(time.now() + 10_000);
  }
});

test("a message that is let go of never goes, and keeps its place: coming and going gains nothing", () => {
  const time = clock();
  const pace = new PublishPace({ limits, now: time.now, later: time.later });
  const gone: string[] = [];
  for (let i = 0; i < 5; i += 1) pace.pace(1, () => undefined);
  const forgets: (() => void)[] = [];
  for (const text of ["1", "2", "3"])
    pace.pace(
      1,
      () => gone.push(text),
      (forget) => forgets.push(forget),
    );
  expect(forgets).toHaveLength(3);
  forgets[0]!();
  forgets[1]!();
  time.runUntil(250);
  expect(gone).toEqual([]);
  time.runUntil(301);
  expect(gone).toEqual(["3"]);
});

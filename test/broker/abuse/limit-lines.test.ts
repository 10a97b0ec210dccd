import { expect, test } from "@jest/globals";
import { limitLines, type LineRates } from "../../../broker/src/abuse/limit-lines";
import { LIMITS } from "../../../broker/src/limits";
import { captureLog } from "../log-capture";

const rates = (perSecond: number, burst: number): LineRates => ({
  faults: { perSecond, burst },
  connections: { perSecond, burst },
});

test("of a flood of refusals a few are logged, and the rest are counted", () => {
  let now = 0;
  const { log, lines } = captureLog();
  const limited = limitLines(log, rates(1, 3), () => now);
  for (let i = 0; i < 1_000; i += 1) limited.warn({ i }, "client-refused");
  expect(lines).toHaveLength(3);
  now += 1_000;
  limited.warn({ i: 1_000 }, "client-refused");
  expect(lines.at(-1)).toMatchObject({ event: "client-refused", i: 1_000, suppressed: 997 });
});

test("one kind's flood hides no other kind, and what no stranger can cause is never left out", () => {
  const { log, lines } = captureLog();
  const limited = limitLines(log, rates(1, 1), () => 0);
  for (let i = 0; i < 5; i += 1)
    for (const event of ["client-refused", "publish-denied", "session-ended"]) limited.warn({}, event);
  const of = (event: string): number => lines.filter((line) => line.event === event).length;
  expect([of("client-refused"), of("publish-denied"), of("session-ended")]).toEqual([1, 1, 5]);
});

/** Those that a stranger, or a client that was accepted, can cause as often as it likes. */
test.each(["packet-refused", "queue-full", "relay-failed", "relay-refused", "retained-refused", "session-displaced"])(
  "'%s', of which a client can cause any number, is limited too",
  (event) => {
    const { log, lines } = captureLog();
    const limited = limitLines(log, rates(1, 1), () => 0);
    for (let i = 0; i < 5; i += 1) limited.warn({}, event);
    expect(lines).toHaveLength(1);
  },
);

test.each(["client-accepted", "client-closed", "relayed"])(
  "of '%s', of which there is one for each connection, a whole plant's are logged at once, and a flood's are counted",
  (event) => {
    let now = 0;
    const { log, lines } = captureLog();
    const limited = limitLines(log, undefined, () => now);
    const flood = 3 * LIMITS.logConnectionsBurst;
    for (let i = 0; i < flood; i += 1) limited.info({ i }, event);
    expect(lines).toHaveLength(LIMITS.logConnectionsBurst);
    now += 1_000;
    limited.info({ i: flood }, event);
    expect(lines.at(-1)).toMatchObject({ event, level: "info", i: flood, suppressed: 2 * LIMITS.logConnectionsBurst });
  },
);

test("when the flood is over, its count is told without waiting for another", async () => {
  const { log, until } = captureLog();
  const limited = limitLines(log, rates(0.001, 1), () => 0, 5);
  for (let i = 0; i < 8; i += 1) limited.warn({}, "handshake-failed");
  expect(await until("lines-suppressed")).toMatchObject({ of: "handshake-failed", suppressed: 7 });
});

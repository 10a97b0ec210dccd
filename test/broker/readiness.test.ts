import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import type { Lease } from "../../broker/src/lease";
import { watchReadiness, type Readiness, type ReadinessProps } from "../../broker/src/readiness";
import { captureLog } from "./log-capture";
import { SetLease } from "./set-lease";

let readiness: Readiness | undefined;
afterEach(() => readiness?.stop());

const watch = (lease: Lease, changes: Partial<ReadinessProps> = {}): Readiness => {
  const times = { holderUnreachableMs: 40, holderProbeMs: 5 };
  readiness = watchReadiness({
    lease,
    log: captureLog().log,
    couldTakeOver: () => true,
    port: () => 1,
    times,
    ...changes,
  });
  return readiness;
};
/** Asks until the answer is this one: the test's own time limit ends it otherwise. */
const until = async (answer: boolean): Promise<void> => {
  while (readiness!.ready() !== answer) await new Promise((resolve) => setImmediate(resolve));
};

test("a task without its secrets or the lease's table is not ready", () => {
  let complete = false;
  const { ready } = watch(new SetLease(), { couldTakeOver: () => complete });
  expect(ready()).toBe(false);
  complete = true;
  expect(ready()).toBe(true);
});

test("having no active task for a while is no reason", async () => {
  const lease = new SetLease();
  const { ready } = watch(lease);
  const began = performance.now();
  // Ten times as long as an unreachable holder would be borne.
  while (performance.now() - began < 400) {
    expect(ready()).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test("the holder of a live lease that stays unreachable is one, until it answers or another takes over", async () => {
  const lease = new SetLease();
  // An address that nobody connects from: the port is given up below, and must be free when it is wanted again.
  const address = "127.0.7.1";
  const server = createServer((socket) => socket.destroy()).listen(0, address);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  watch(lease, { port: () => port });
  lease.holder = { epoch: 1, address };
  server.close();
  await once(server, "close");
  await until(false);

  server.listen(port, address);
  await until(true);
  server.close();
  await once(server, "close");
  await until(false);

  lease.holder = undefined;
  await until(true);
});

test("a task that is stopping is never ready again", () => {
  const { ready, drain } = watch(new SetLease());
  expect(ready()).toBe(true);
  drain();
  expect(ready()).toBe(false);
});

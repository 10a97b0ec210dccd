import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, expect, jest, test } from "@jest/globals";
import { LIMITS } from "../../broker/src/limits";
import { createPlant } from "./plant";
import { proxyHeader } from "./proxy-header";
import { SetLease } from "./set-lease";
import { CLIENT } from "./stand-in-balancer";
import { startTestBroker, type TestBroker } from "./start-test-broker";

const LOAD_BALANCER = "127.0.2.5";
/** No address of `relay.test.ts`, which may run at the same time and chooses ports at its own. */
const OWN = "127.0.1.12";
const HOLDER = "127.0.1.20";

/** Runs also when the test fails: what stays open keeps jest from ending. */
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step();
});

const subnets = { loadBalancerSubnets: ["127.0.2.0/24"], brokerSubnets: ["127.0.1.0/24"] };

/** A frozen task: its kernel still holds every connection open. */
async function freeze(): Promise<{ port: number; frozen: Socket[]; arrived: (count: number) => Promise<void> }> {
  const frozen: Socket[] = [];
  const holder = createServer((socket) => frozen.push(socket)).listen(0, HOLDER);
  await once(holder, "listening");
  cleanUp.push(() => {
    for (const socket of frozen) socket.destroy();
    holder.close();
  });
  const arrived = async (count: number): Promise<void> => {
    while (frozen.length < count) await once(holder, "connection");
  };
  return { port: (holder.address() as AddressInfo).port, frozen, arrived };
}

/** A task that is not the active one, and a client that comes to it through the load balancer. */
async function startStandby(lease: SetLease, mqttPort = 0): Promise<{ standby: TestBroker; dial: () => Socket }> {
  const config = { ...subnets, listenAddress: OWN, peerAddress: OWN, mqttPort };
  const standby = await startTestBroker(await createPlant(), config, { lease });
  const dial = (): Socket => {
    const socket = connect({ host: OWN, port: standby.ports.mqtt, localAddress: LOAD_BALANCER });
    socket.on("error", () => undefined);
    socket.resume();
    socket.write(proxyHeader(CLIENT));
    return socket;
  };
  return { standby, dial };
}

test("connections relayed to a holder that went silent end when another takes the lease", async () => {
  const { port, frozen, arrived } = await freeze();
  const lease = new SetLease();
  lease.holder = { epoch: 1, address: HOLDER };
  const { standby, dial } = await startStandby(lease, port);
  cleanUp.push(() => standby.close());
  const client = dial();
  await arrived(1);

  lease.holder = { epoch: 2, address: "127.0.1.21" };
  const ended = once(client, "close");
  lease.emit("holder", lease.holder);
  await ended;
  await standby.logs.until("relays-ended", ({ connections }) => connections === 1);

  // And with no holder at all a client is not kept waiting.
  lease.holder = undefined;
  await once(dial(), "close");
  expect(frozen).toHaveLength(1);
});

test("a flood of clients for whom there is no active task fills no log: what is left out is counted", async () => {
  const { standby, dial } = await startStandby(new SetLease());
  cleanUp.push(() => standby.close());
  const flood = LIMITS.logLinesPerKindBurst + 200;
  const began = performance.now();
  await Promise.all(Array.from({ length: flood }, () => once(dial(), "close")));
  const refused = standby.logs.lines.filter(({ event }) => event === "relay-refused");
  const seconds = (performance.now() - began) / 1000;
  expect(refused.length).toBeGreaterThanOrEqual(LIMITS.logLinesPerKindBurst);
  expect(refused.length).toBeLessThanOrEqual(LIMITS.logLinesPerKindBurst + seconds * LIMITS.logLinesPerKind + 1);
});

test("a standby that is stopped ends the connections that it relays in batches, too", async () => {
  const { port, arrived } = await freeze();
  const lease = new SetLease();
  lease.holder = { epoch: 1, address: HOLDER };
  const { standby, dial } = await startStandby(lease, port);
  const ends: number[] = [];
  const count = LIMITS.closingBatch + 1;
  const closed = Array.from({ length: count }, async () => {
    await once(dial(), "close");
    ends.push(performance.now());
  });
  await arrived(count);
  // A pause of two seconds: on a busy machine the first batch's ends may be seen later than a common pause is long.
  const draw = jest.spyOn(Math, "random").mockReturnValue(2_000 / LIMITS.closingPauseMs);
  cleanUp.push(() => draw.mockRestore());
  await standby.close();
  await Promise.all(closed);
  expect(ends.at(-1)! - ends.at(-2)!).toBeGreaterThan(500);
});

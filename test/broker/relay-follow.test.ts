import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { createPlant } from "./plant";
import { proxyHeader } from "./proxy-header";
import { SetLease } from "./set-lease";
import { CLIENT } from "./stand-in-balancer";
import { startTestBroker } from "./start-test-broker";

const LOAD_BALANCER = "127.0.2.5";
const OWN = "127.0.1.10";
const HOLDER = "127.0.1.20";

/** Runs also when the test fails: what stays open keeps jest from ending. */
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step();
});

test("connections relayed to a holder that went silent end when another takes the lease", async () => {
  // A frozen task: its kernel still holds every connection open.
  const frozen: Socket[] = [];
  const holder = createServer((socket) => frozen.push(socket)).listen(0, HOLDER);
  await once(holder, "listening");
  cleanUp.push(() => {
    for (const socket of frozen) socket.destroy();
    holder.close();
  });
  const { port } = holder.address() as AddressInfo;
  const lease = new SetLease();
  lease.holder = { epoch: 1, address: HOLDER };
  const subnets = { loadBalancerSubnets: ["127.0.2.0/24"], brokerSubnets: ["127.0.1.0/24"] };
  const config = { ...subnets, listenAddress: OWN, peerAddress: OWN, mqttPort: port };
  const standby = await startTestBroker(await createPlant(), config, { lease });
  cleanUp.push(() => standby.close());

  const dial = (): Socket => {
    const socket = connect({ host: OWN, port, localAddress: LOAD_BALANCER });
    socket.on("error", () => undefined);
    socket.resume();
    socket.write(proxyHeader(CLIENT));
    return socket;
  };
  const arrived = once(holder, "connection");
  const client = dial();
  await arrived;

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

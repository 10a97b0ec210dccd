import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { join } from "node:path";
import { EDGE_ACCOUNTS } from "../../policy/edge-accounts";
import { type Device, startDevice } from "./device";
import { ADDRESS, Lab } from "./lab";
import { startLabBroker } from "./lab-broker";
import { DEVICE } from "./test-site";

let lab: Lab;
let device: Device;

beforeAll(async () => {
  lab = await Lab.create();
  const broker = await startLabBroker(lab);
  // Where nobody listens, a refusal would prove nothing.
  for (const [host, port] of [
    ["broker", 22],
    ["scan", 8883],
    ["scan", 443],
  ] as const)
    lab.start(host, "socat", [`TCP-LISTEN:${port},fork,reuseaddr`, "SYSTEM:true"]);
  const first = broker.nextMessage("", 150_000);
  device = await startDevice(lab, { bundle: join(broker.clients, DEVICE) });
  await first;
});
afterAll(async () => lab?.close());

/** Tries to get out of the device as one of its accounts. */
async function reaches(uid: number, ...question: readonly string[]): Promise<boolean> {
  const account = ["--reuid", String(uid), "--regid", String(uid), "--clear-groups"];
  const ask = ["/usr/bin/python3", join(__dirname, "ask.py"), ...question];
  return (await lab.run("dev", "setpriv", [...account, ...ask])).code === 0;
}

const { agent, resolver, time, network } = EDGE_ACCOUNTS;
/** Who tries what, and whether it is let out. */
const TRIES: readonly (readonly [boolean, string, number, ...string[]])[] = [
  [true, "the agent to the broker, MQTT", agent, "tcp", ADDRESS.broker, "8883"],
  [true, "the agent to the broker, HTTPS", agent, "tcp", ADDRESS.broker, "443"],
  [false, "the agent to another port of the broker", agent, "tcp", ADDRESS.broker, "22"],
  [false, "the agent to MQTT of another host", agent, "tcp", ADDRESS.neighbour, "8883"],
  [false, "the agent to HTTPS of another host", agent, "tcp", ADDRESS.neighbour, "443"],
  [false, "the agent to a resolver of its choice", agent, "dns", ADDRESS.gateway],
  [false, "the agent to a time server", agent, "ntp", ADDRESS.gateway],
  [false, "root to the broker", 0, "tcp", ADDRESS.broker, "8883"],
  [false, "root to HTTPS of another host", 0, "tcp", ADDRESS.neighbour, "443"],
  [false, "root to the resolver", 0, "dns", ADDRESS.gateway],
  [false, "another account to the broker", 1000, "tcp", ADDRESS.broker, "8883"],
  [false, "nobody to the broker", 65534, "tcp", ADDRESS.broker, "443"],
  [false, "the resolver to the broker", resolver, "tcp", ADDRESS.broker, "8883"],
  [true, "the resolver to the network's resolver", resolver, "dns", ADDRESS.gateway],
  [false, "the resolver to a time server", resolver, "ntp", ADDRESS.gateway],
  [true, "the time service to the time server", time, "ntp", ADDRESS.gateway],
  [false, "the time service to the broker", time, "tcp", ADDRESS.broker, "443"],
  [false, "the network service to the broker", network, "tcp", ADDRESS.broker, "8883"],
];

describe("what is let out of a device", () => {
  test.each(TRIES)("%s: %s", async (allowed, _, uid, ...question) => {
    expect(await reaches(uid, ...question)).toBe(allowed);
  });
});

test("a process that runs on the device beside the agent reaches nothing, though it may do what it likes otherwise", () => {
  const other = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "/usr/bin/node", "-e"];
  const dial = `require("node:net").connect(8883, "${ADDRESS.broker}").on("error", (e) => { console.log(e.code); process.exit(0) }).on("connect", () => console.log("connected"))`;
  expect(device.run(...other, dial).trim()).toMatch(/^(EHOSTUNREACH|EACCES|EPERM|ECONNREFUSED|ENETUNREACH)$/);
});

test("the control: without the rules every one of these tries gets out", async () => {
  await lab.run("dev", "nft", ["flush", "ruleset"]);
  for (const [, name, uid, ...question] of TRIES) expect([name, await reaches(uid, ...question)]).toEqual([name, true]);
});

import { type ChildProcess, spawn } from "node:child_process";
import dns from "node:dns";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, expect, jest, test } from "@jest/globals";
import { readIdentity } from "../../edge-image/agent/identity/read-identity";
import { readImage } from "../../edge-image/agent/identity/read-image";
import { dial } from "../../edge-image/agent/uplink/dial";
import { type Lab, openLab } from "./lab";

let lab: Lab;
let slow: ChildProcess | undefined;
let fillers: readonly Socket[] = [];
beforeAll(async () => {
  lab = await openLab();
});
afterEach(async () => {
  jest.restoreAllMocks();
  for (const filler of fillers) filler.destroy();
  slow?.kill("SIGKILL");
  await lab.clean();
});
afterAll(() => lab.close());

const hasAddresses = (...of: readonly string[]): void => {
  const addresses = of.map((address) => ({ address, family: 4 }));
  const lookup = (_host: string, _options: unknown, found: (...all: unknown[]) => void): void =>
    process.nextTick(() => found(null, addresses));
  jest.spyOn(dns, "lookup").mockImplementation(lookup as unknown as typeof dns.lookup);
};

/** Passes connections on to the port it is given, and says its own. Its queue of connections that wait holds two. */
const RELAY = `
  const { connect, createServer } = require("node:net");
  const server = createServer((near) => {
    const far = connect(Number(process.argv[1]), "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]]) one.on("error", () => other.destroy()).pipe(other);
  });
  server.listen({ host: "127.0.0.2", port: 0, backlog: 1 }, () => console.log(server.address().port));
`;

/** The broker's name has two addresses: one on which it answers only a SYN that is sent again, and one where nothing is. */
const slowAddress = async (): Promise<{ readonly port: number; readonly answerIn: (ms: number) => void }> => {
  hasAddresses("127.0.0.2", "127.0.0.3");
  const relay = spawn(process.execPath, ["-e", RELAY, `${lab.broker.ports.mqtt}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  slow = relay;
  const [line] = (await once(createInterface({ input: relay.stdout }), "line")) as [string];
  const port = Number(line);
  // Stopped, it accepts none; two connections fill its queue, and the kernel drops the SYN of the next.
  relay.kill("SIGSTOP");
  fillers = Array.from({ length: 2 }, () => connect(port, "127.0.0.2").on("error", () => undefined));
  await Promise.all(fillers.map((filler) => once(filler, "connect")));
  return { port, answerIn: (ms) => void setTimeout(() => relay.kill("SIGCONT"), ms) };
};

const dialTo = async (port: number) => {
  const device = await lab.device();
  const image = await readImage(join(device.folder, "image.json"));
  const identity = await readIdentity(join(device.data, "identity"), image);
  const check = { rejectUnauthorized: true, accept: () => undefined };
  return dial(`mqtts://localhost:${port}`, identity, check, new AbortController().signal);
};

test("the first of several addresses is waited for as long as a slow link needs, and a lost SYN with it", async () => {
  const { port, answerIn } = await slowAddress();
  answerIn(600);
  const { stream } = await dialTo(port);
  stream.destroy();
});

test("a name of which no address answers is said with what each of them said", async () => {
  hasAddresses("127.0.0.2", "127.0.0.3");
  await expect(dialTo(1)).rejects.toThrow(/ECONNREFUSED 127\.0\.0\.2:1, .*ECONNREFUSED 127\.0\.0\.3:1/);
});

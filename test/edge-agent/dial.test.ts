import { type ChildProcess, spawn } from "node:child_process";
import dns from "node:dns";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, expect, jest, test } from "@jest/globals";
import { readIdentity } from "../../edge-image/agent/identity/read-identity";
import { readImage } from "../../edge-image/agent/identity/read-image";
import { dial } from "../../edge-image/agent/uplink/dial";
import { type Lab, openLab } from "./lab";

jest.setTimeout(30_000);

let lab: Lab;
let slow: ChildProcess | undefined;
beforeAll(async () => {
  lab = await openLab();
});
afterEach(async () => {
  jest.restoreAllMocks();
  slow?.kill();
  await lab.clean();
});
afterAll(() => lab.close());

const hasAddresses = (...of: readonly string[]): void => {
  const addresses = of.map((address) => ({ address, family: 4 }));
  const lookup = (_host: string, _options: unknown, found: (...all: unknown[]) => void): void =>
    process.nextTick(() => found(null, addresses));
  jest.spyOn(dns, "lookup").mockImplementation(lookup as unknown as typeof dns.lookup);
};

/** The broker's name has two addresses: one on which it answers only a SYN that is sent again, and one where nothing is. */
const slowAddress = async (): Promise<{ readonly port: number; readonly begin: () => void }> => {
  hasAddresses("127.0.0.2", "127.0.0.3");
  const server = spawn("python3", [join(__dirname, "slow-server.py"), "127.0.0.2", `${lab.broker.ports.mqtt}`, "0.6"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  slow = server;
  const [line] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
  return { port: Number(line), begin: () => void server.stdin.write("\n") };
};

const dialTo = async (port: number) => {
  const device = await lab.device();
  const image = await readImage(join(device.folder, "image.json"));
  const identity = await readIdentity(join(device.data, "identity"), image);
  const check = { rejectUnauthorized: true, accept: () => undefined };
  return dial(`mqtts://localhost:${port}`, identity, check, new AbortController().signal);
};

test("the first of several addresses is waited for as long as a slow link needs, and a lost SYN with it", async () => {
  const { port, begin } = await slowAddress();
  begin();
  const { stream } = await dialTo(port);
  stream.destroy();
});

test("a name of which no address answers is said with what each of them said", async () => {
  hasAddresses("127.0.0.2", "127.0.0.3");
  await expect(dialTo(1)).rejects.toThrow(/ECONNREFUSED 127\.0\.0\.2:1, .*ECONNREFUSED 127\.0\.0\.3:1/);
});

import type { ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { buildBroker } from "../../broker/build";
import { initialise } from "../../ca/initialise";
import { installAccessDocument } from "../../ca/local-site";
import { directoryVault } from "../../vault/directory";
import { environment, startBrokerProcess, type BrokerProcess } from "./broker-process";
import { plantSite, SITE } from "./plant";

const ROOT = join(__dirname, "../..");

let built: string;
let bundle: string;
let vault: string;
let children: ChildProcess[];

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), "dmz-bundle-"));
  bundle = join(built, "broker.cjs");
  await buildBroker(bundle);
});
afterAll(() => rm(built, { recursive: true }));
beforeEach(async () => {
  vault = await mkdtemp(join(tmpdir(), "dmz-vault-"));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(vault, { recursive: true });
});

/** On free ports, and nothing else in its environment. */
const run = (changes: Record<string, string> = {}): BrokerProcess => {
  const broker = startBrokerProcess(bundle, { ...environment(vault), ...changes });
  children.push(broker.child);
  return broker;
};
const prepare = async (): Promise<void> => {
  await initialise(directoryVault(vault), { site: SITE, dns: ["localhost"], ip: [], credentialShards: 1 });
  await installAccessDocument(directoryVault(vault), plantSite());
};
const readyz = (port: number): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const call = request(
      { host: "127.0.0.1", port, path: "/readyz", rejectUnauthorized: false, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    call.on("error", reject);
    call.end();
  });

test("the bundle is one reproducible file below 3 MB that knows nothing of this machine", async () => {
  const again = join(built, "again.cjs");
  const size = await buildBroker(again);
  const text = await readFile(bundle, "utf8");
  expect(await readFile(again, "utf8")).toBe(text);
  expect(size).toBeLessThan(3 * 1024 * 1024);
  expect(text).not.toContain(ROOT);
  expect(text).not.toContain(tmpdir() + "/");
});

test("it starts, is ready, and at SIGTERM gives the lease back and exits with 0", async () => {
  await prepare();
  const broker = run();
  const { https } = await broker.until("listening");
  expect(await broker.until("started")).toMatchObject({ active: true, site: SITE });
  expect(await readyz(Number(https))).toBe(200);
  broker.child.kill("SIGTERM");
  expect(await broker.exited).toBe(0);
  expect(broker.lines.at(-1)).toMatchObject({ event: "stopped" });
  await expect(readFile(join(vault, "broker.lock"))).rejects.toThrow("ENOENT");
  expect(broker.errors()).toBe("");
});

test("SIGTERM while it waits for the site's secrets ends it with 0", async () => {
  const broker = run();
  await broker.until("waiting");
  broker.child.kill("SIGTERM");
  expect(await broker.exited).toBe(0);
});

test("a second process on the same folder ends with 1 and says which process is in the way", async () => {
  await prepare();
  const first = run();
  await first.until("started");
  const second = run();
  expect(await second.exited).toBe(1);
  expect(JSON.stringify(second.lines.at(-1))).toContain(`another broker, process ${first.child.pid}`);
});

test("after a kill the next process takes the dead one's lock", async () => {
  await prepare();
  const first = run();
  await first.until("started");
  first.child.kill("SIGKILL");
  await first.exited;
  const second = run();
  expect(await second.until("lease-acquired")).toMatchObject({ epoch: 2 });
});

test("a wrong environment ends it with 1 and every fault on stderr", async () => {
  const broker = run({ DMZ_SITE: "Plant", DMZ_MQTT_PORT: "x" });
  expect(await broker.exited).toBe(1);
  expect(broker.errors()).toMatch(
    /has 2 faults:\n {2}DMZ_SITE: must be a site name.*\n {2}DMZ_MQTT_PORT: must be a port/,
  );
});

/** The bundle, to which this happens at SIGUSR2. */
const runWith = async (fault: string) => {
  await prepare();
  const preload = join(vault, "fault.cjs");
  await writeFile(preload, `process.on("SIGUSR2", () => { ${fault} });`);
  const broker = run({ NODE_OPTIONS: `--require ${preload}` });
  await broker.until("started");
  broker.child.kill("SIGUSR2");
  return broker;
};

test.each([
  ["a rejection that nobody handles", 'void Promise.reject(new Error("unforeseen"))', "unhandled-rejection"],
  ["an exception that nobody catches", 'throw new Error("unforeseen")', "uncaught-exception"],
])("%s ends it with 1, and not silently", async (_, fault, event) => {
  const broker = await runWith(fault);
  expect(await broker.exited).toBe(1);
  expect(broker.lines.at(-1)).toMatchObject({ level: "fatal", event, error: { message: "unforeseen" } });
});

test("when its event loop stands still its watchdog ends it, and not silently", async () => {
  const broker = await runWith("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)");
  expect(await broker.exited).toBeNull();
  expect(broker.child.signalCode).toBe("SIGKILL");
  expect(broker.lines.at(-1)).toMatchObject({ level: "fatal", event: "event-loop-stuck" });
});

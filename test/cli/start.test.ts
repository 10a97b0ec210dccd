import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { MqttClient } from "mqtt";
import { temporaryFolder } from "../vault/temporary-folder";
import { bundleClient, connectWithBundle } from "./bundle-client";
import { runDmz, startDmz, type RunningDmz } from "./run-dmz";
import { writeSite } from "./site-folder";

// The real command as a child process, on a machine that others may use.
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let clients: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  clients = join(folder.path, ".dmz", "plant", "local", "clients");
  await writeSite(join(folder.path, "sites"), "plant");
  // Every test finds a site that was started once.
  const site = start();
  await site.event("ready");
  await site.end("SIGINT");
});
afterAll(() => folder.remove());

const FREE = ["--mqtt-port", "0", "--https-port", "0"];
const start = (...args: string[]): RunningDmz =>
  startDmz(["start", "--sites", "sites", "--json", ...FREE, ...args], { cwd: folder.path });
const password = (name: string): string => readFileSync(join(clients, name, "password"), "utf8");
const names = ["display", "gw-1", "gw-2", "scada"];

test("a first start enrols everybody; a second one lets the same bundles in on another port; Ctrl-C gives everything back", async () => {
  rmSync(join(folder.path, ".dmz"), { recursive: true });
  const first = start();
  const { ports } = (await first.event("ready")) as unknown as { ports: { mqtt: number; https: number } };
  expect(readdirSync(clients).sort()).toEqual(names);
  for (const name of names) await (await connectWithBundle(join(clients, name))).endAsync();
  const overWebSockets = await connectWithBundle(join(clients, "gw-1"), "webSocketUrl");
  const closed = new Promise<void>((resolve) => overWebSockets.once("close", resolve));

  const ended = await first.end("SIGINT");
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  await closed;
  await overWebSockets.endAsync(true);
  for (const port of [ports.mqtt, ports.https]) {
    // To listen there might fail: by now it may be the own port of somebody's connection.
    const [error] = (await once(connect({ port, host: "127.0.0.1", localAddress: "127.0.0.2" }), "error")) as [unknown];
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
  }
  const left = readdirSync(join(folder.path, ".dmz", "plant", "local"), { recursive: true }).map(String);
  expect(left.filter((path) => /lock$/.test(path))).toEqual([]);

  const passwords = names.map(password);
  const certificate = readFileSync(join(clients, "gw-1", "cert.pem"), "utf8");
  const second = start();
  await second.event("ready");
  expect(names.map(password)).toEqual(passwords);
  expect(readFileSync(join(clients, "gw-1", "cert.pem"), "utf8")).toBe(certificate);
  for (const name of names) await (await connectWithBundle(join(clients, name))).endAsync();

  const output =
    (await second.end("SIGTERM")).stdout +
    ended.stdout +
    readFileSync(join(folder.path, ".dmz", "plant", "local", "broker.log"), "utf8");
  for (const secret of passwords) expect(output).not.toContain(secret);
});

/** What a client gets until `last`, its texts in order. */
const received = (client: MqttClient, last: string): Promise<string[]> =>
  new Promise((resolve) => {
    const texts: string[] = [];
    client.on("message", (_, payload) => {
      texts.push(payload.toString());
      if (texts.at(-1) === last) resolve(texts);
    });
  });

test("a demo touches nobody's session: a device's queue, a host's, and a device that is connected stay as they are", async () => {
  const first = start();
  await first.event("ready");
  const own = { clean: false };
  // gw-1 and scada are what the demo plays.
  const [gateway, scada] = [
    await connectWithBundle(join(clients, "gw-1"), "url", own),
    await connectWithBundle(join(clients, "scada"), "url", own),
  ];
  const command = "plant/line/gw-1/cmd/kept";
  await gateway.subscribeAsync(command, { qos: 1 });
  await scada.subscribeAsync("plant/line/#", { qos: 1 });
  await gateway.endAsync();
  // Each resolves with PUBACK.
  await scada.publishAsync(command, "before Ctrl-C", { qos: 1 });
  await scada.endAsync();
  const writer = await connectWithBundle(join(clients, "gw-2"));
  await writer.publishAsync("plant/line/gw-2/data/kept", "for scada", { qos: 1 });
  await writer.endAsync();
  expect(await first.end("SIGINT")).toMatchObject({ code: 0, stderr: "" });

  const second = start("--demo");
  await second.event("ready");
  const neighbour = await connectWithBundle(join(clients, "gw-2"), "url", own);
  const lost = new Promise((resolve) => neighbour.once("close", () => resolve("lost its connection")));
  expect(await second.event("demo")).toMatchObject({ unexpected: 0 });
  expect(await Promise.race([lost, neighbour.publishAsync("plant/line/gw-2/data/kept", "last", { qos: 1 })])).not.toBe(
    "lost its connection",
  );
  await neighbour.endAsync();

  const back = async (name: string, last: string): Promise<[boolean, string[]]> => {
    // Listens before the CONNACK: what is queued comes at once.
    const client = bundleClient(join(clients, name), "url", own);
    const texts = received(client, last);
    const present = new Promise<boolean>((resolve) =>
      client.once("connect", ({ sessionPresent }) => resolve(sessionPresent)),
    );
    const [sessionPresent, got] = await Promise.all([present, texts]);
    await client.endAsync();
    return [sessionPresent, got];
  };
  expect(await back("gw-1", "before Ctrl-C")).toEqual([true, ["before Ctrl-C"]]);
  expect(await back("scada", "last")).toEqual([true, ["for scada", "last"]]);
  expect(await second.end("SIGINT")).toMatchObject({ code: 0 });
  expect(readdirSync(join(folder.path, ".dmz", "plant", "local"))).not.toContain("demo-store");
});

test("an unusable bundle is made anew, and only that one", async () => {
  const [display, scada] = [password("display"), password("scada")];
  rmSync(join(clients, "gw-1", "key.pem"));
  writeFileSync(join(clients, "scada", "password"), "not this one");
  const site = start();
  await site.event("ready");
  expect(password("display")).toBe(display);
  expect(password("scada")).not.toBe(scada);
  for (const name of names) await (await connectWithBundle(join(clients, name))).endAsync();
  await site.end("SIGINT");
});

test("--fresh makes a new CA and new credentials, and leaves files of others alone", async () => {
  const [before, ca] = [names.map(password), readFileSync(join(clients, "gw-1", "ca.pem"), "utf8")];
  const foreign = join(folder.path, ".dmz", "plant", "local", "notes.txt");
  writeFileSync(foreign, "mine");
  const site = start("--fresh");
  await site.event("ready");
  expect(names.map(password).filter((secret) => before.includes(secret))).toEqual([]);
  expect(readFileSync(join(clients, "gw-1", "ca.pem"), "utf8")).not.toBe(ca);
  expect(readFileSync(foreign, "utf8")).toBe("mine");
  await site.end("SIGINT");
});

test("secrets are readable by their owner alone", () => {
  const root = join(folder.path, ".dmz", "plant", "local");
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  for (const path of [root, join(root, "vault"), clients, join(clients, "gw-1")])
    expect([path, mode(path)]).toEqual([path, "700"]);
  for (const file of ["key.pem", "password", "mosquitto/mosquitto_sub", "mosquitto/mosquitto_pub"]) {
    const path = join(clients, "gw-1", file);
    expect([path, mode(path)]).toEqual([path, "600"]);
  }
});

test("a bundle's password is in no script, no README and no mqtt.json, which people copy about", () => {
  for (const file of ["README.md", "subscribe", "publish", "mqtt.json"])
    expect(readFileSync(join(clients, "gw-1", file), "utf8")).not.toContain(password("gw-1"));
});

test("a second start in the same folder is refused while the first runs, and possible after that one was killed", async () => {
  const first = start();
  await first.event("ready");
  const second = await start().end();
  expect(second).toMatchObject({ code: 1, stderr: "" });
  expect(JSON.parse(second.stdout.split("\n").at(-1)!)).toMatchObject({
    event: "error",
    message: expect.stringMatching(
      new RegExp(`process ${first.child.pid} runs this site already; stop it, or .*--dir`),
    ),
  });
  await first.end("SIGKILL");
  expect(readdirSync(join(folder.path, ".dmz", "plant", "local"))).toContain("start.lock");
  const third = start();
  await third.event("ready");
  expect(await third.end("SIGINT")).toMatchObject({ code: 0 });
});

test("Ctrl-C in the middle of the work ends it quietly, and the next start goes on from there", async () => {
  const early = start("--fresh");
  await early.event("progress");
  expect(await early.end("SIGINT")).toMatchObject({ code: 0, stderr: "" });
  const next = start();
  await next.event("ready");
  await (await connectWithBundle(join(clients, "gw-2"))).endAsync();
  expect(await next.end("SIGINT")).toMatchObject({ code: 0 });
});

test("without --json it shows a person where the broker and the bundles are, and how to connect", async () => {
  const shown = startDmz(["start", "--sites", "sites", ...FREE], { cwd: folder.path });
  let text = "";
  await new Promise<void>((resolve) =>
    shown.child.stdout!.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("Running until Ctrl-C")) resolve();
    }),
  );
  expect(text).toMatch(/mqtts:\/\/localhost:\d+[^]*wss:\/\/localhost:\d+\/mqtt/);
  expect(text).toMatch(/\.dmz\/plant\/local\/clients\/scada\/subscribe (\\\n +)?-v -t 'plant\/line\/gw-1\/data\/demo'/);
  expect(text).toContain('password: readFileSync(".dmz/plant/local/clients/scada/password")');
  const { code, stdout } = await shown.end("SIGINT");
  expect(code).toBe(0);
  expect(stdout).toContain("Stopped. The CA and the clients' bundles stay in");
  expect(await runDmz(["start", "--help"], { cwd: folder.path })).toMatchObject({ code: 0 });
});

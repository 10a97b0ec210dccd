import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { LIMITS } from "../../broker/src/limits";
import { DEFAULT_SITE_LIMITS } from "../../broker/src/site-limits";
import { accepted, attempt, closed, refused } from "./client";
import { granted } from "./granted";
import { applySite, createPlant, plantSite, type Plant } from "./plant";
import { proxyHeader } from "./proxy-header";
import { startTestBroker, type TestBroker } from "./start-test-broker";

const REFUSED = 0x80;
const UNAVAILABLE = 3;
const BAD_USER_OR_PASSWORD = 4;
const WRONG = { password: "guessed" };
const NO_CERTIFICATE = { key: undefined, cert: undefined };

let plant: Plant;
beforeAll(async () => {
  plant = await createPlant();
});

describe("failed logins", () => {
  let broker: TestBroker;
  beforeEach(async () => {
    broker = await startTestBroker(plant);
  });
  afterEach(() => broker.close());

  const fail = async (name: string, changes: Parameters<typeof refused>[3] = {}): Promise<(number | "closed")[]> => {
    const answers: (number | "closed")[] = [];
    for (let i = 0; i < LIMITS.failuresFree + 2; i += 1)
      answers.push(await refused(broker, plant, name, { ...WRONG, ...changes }));
    return answers;
  };

  test("after ten of them a pair of address and identity is refused unread, even with the right password", async () => {
    const answers = await fail("historian");
    expect(answers.slice(0, LIMITS.failuresFree)).toEqual(Array(LIMITS.failuresFree).fill(BAD_USER_OR_PASSWORD));
    expect(answers.slice(LIMITS.failuresFree)).toEqual([UNAVAILABLE, UNAVAILABLE]);
    expect(await refused(broker, plant, "historian")).toBe(UNAVAILABLE);
    await broker.logs.until("client-refused", ({ reason }) => String(reason).includes("refused unread"));
  });

  test("an attacker behind the plant's address locks out neither a device that he names nor any other", async () => {
    await fail("gw-1", NO_CERTIFICATE);
    const clients = await Promise.all(["gw-1", "gw-2", "historian"].map((name) => accepted(broker, plant, name)));
    await Promise.all(clients.map((client) => client.endAsync()));
  });

  test("a client without a certificate that was here before is not locked out from behind its own address", async () => {
    await (await accepted(broker, plant, "historian")).endAsync();
    await fail("historian");
    await (await accepted(broker, plant, "historian")).endAsync();
  });

  test("who has the certificate and guesses the password is counted by the identity, and nobody else is", async () => {
    expect((await fail("gw-1")).at(-1)).toBe(UNAVAILABLE);
    expect(await refused(broker, plant, "gw-1")).toBe(UNAVAILABLE);
    await (await accepted(broker, plant, "gw-2")).endAsync();
  });

  test("a flood of them is refused to the last and disturbs no client that is connected", async () => {
    const device = await accepted(broker, plant, "gw-1");
    const flood = Array.from({ length: 150 }, (_, i) =>
      attempt(broker, plant, "historian", { ...WRONG, username: `guess-${i}`, connectTimeout: 20_000 }),
    );
    for (let i = 0; i < 20; i += 1) await device.publishAsync("plant/line/gw-1/data/t", String(i), { qos: 1 });
    const outcomes = await Promise.all(flood);
    expect(outcomes.every((outcome) => "refused" in outcome)).toBe(true);
    expect(device.connected).toBe(true);
    await device.endAsync();
  });
});

describe("crowds", () => {
  let broker: TestBroker;
  afterEach(() => broker.close());

  test("an identity has as many connections as it may; a takeover is none more", async () => {
    broker = await startTestBroker(plant, { limits: { ...DEFAULT_SITE_LIMITS, connectionsPerIdentity: 2 } });
    const [one] = await Promise.all(
      ["scada~1", "scada~2"].map((clientId) => accepted(broker, plant, "scada", { clientId })),
    );
    expect(await refused(broker, plant, "scada", { clientId: "scada~3" })).toBe(UNAVAILABLE);
    const again = await accepted(broker, plant, "scada", { clientId: "scada~1" });
    await closed(one!);
    const other = await accepted(broker, plant, "historian");
    // What closes makes room.
    await again.endAsync();
    const third = await connectWhenFree("scada~3");
    await Promise.all([other.endAsync(), third.endAsync()]);
  });

  /** The broker may learn of the end of a connection after its client did. */
  const connectWhenFree = async (clientId: string) => {
    for (;;) {
      const outcome = await attempt(broker, plant, "scada", { clientId });
      if ("client" in outcome) return outcome.client;
    }
  };

  test("two devices with one ClientId that throw each other out are slowed", async () => {
    broker = await startTestBroker(plant);
    let last = await accepted(broker, plant, "gw-1");
    for (let i = 0; i < LIMITS.takeoversBurst; i += 1) last = await accepted(broker, plant, "gw-1");
    expect(await refused(broker, plant, "gw-1")).toBe(UNAVAILABLE);
    await broker.logs.until("client-refused", ({ reason }) => reason === "too many takeovers of this ClientId");
    expect(last.connected).toBe(true);
    await last.endAsync();
  });

  test("a task that is full resets who comes next before TLS, and has room again when one leaves", async () => {
    broker = await startTestBroker(plant, { limits: { ...DEFAULT_SITE_LIMITS, connections: 2 } });
    const [one, two] = [await accepted(broker, plant, "gw-1"), await accepted(broker, plant, "gw-2")];
    const third = connect(broker.ports.mqtt, "127.0.0.1");
    const ended = once(third, "error").catch((error: unknown) => [error]);
    expect(await broker.logs.until("too-many-connections")).toMatchObject({ reason: "too many in all" });
    expect((await ended)[0]).toMatchObject({ code: "ECONNRESET" });
    expect([one.connected, two.connected]).toEqual([true, true]);
    await one.endAsync();
    const scada = await connectWhenFree("scada");
    await Promise.all([two.endAsync(), scada.endAsync()]);
  });

  test.each(["mqtts", "wss"] as const)(
    "connections that say nothing keep no place from a client over %s, and take none from one that has logged in",
    async (over) => {
      const connections = 6;
      broker = await startTestBroker(plant, { limits: { ...DEFAULT_SITE_LIMITS, connections } });
      const device = await accepted(broker, plant, "gw-1", { over });
      const silent: Socket[] = [];
      const ends: Promise<unknown>[] = [];
      for (let i = 0; i < 2 * connections; i += 1) {
        const socket = connect(i % 2 ? broker.ports.mqtt : broker.ports.https, "127.0.0.1");
        socket.on("error", () => undefined);
        ends.push(new Promise((resolve) => socket.once("close", resolve)));
        silent.push(socket);
        await once(socket, "connect");
      }
      const clients = [
        await accepted(broker, plant, "gw-2", { over }),
        await accepted(broker, plant, "scada", { over }),
      ];
      await broker.logs.until("too-many-connections", ({ reason }) => reason === "not logged in, and others came");
      await Promise.race(ends);
      expect([device, ...clients].map(({ connected }) => connected)).toEqual([true, true, true]);
      for (const socket of silent) socket.destroy();
      await Promise.all([device, ...clients].map((client) => client.endAsync()));
    },
  );

  test("one address is full, by its PROXY header, while another gets in; the load balancer's checks are not counted", async () => {
    broker = await startTestBroker(plant, {
      loadBalancerSubnets: ["127.0.0.2/32"],
      brokerSubnets: ["127.0.0.3/32"],
      limits: { ...DEFAULT_SITE_LIMITS, connectionsPerAddress: 2 },
    });
    const open = async (address: string): Promise<Socket> => {
      const socket = connect({ host: "127.0.0.1", port: broker.ports.mqtt, localAddress: "127.0.0.2" });
      socket.on("error", () => undefined);
      socket.write(proxyHeader({ address, port: 1 }));
      await once(socket, "connect");
      return socket;
    };
    const sockets = [await open("203.0.113.7"), await open("203.0.113.7"), await open("203.0.113.7")];
    expect(await broker.logs.until("too-many-connections")).toMatchObject({
      address: "203.0.113.7",
      // The first one, which has said nothing yet.
      reason: "not logged in, and others came",
    });
    sockets.push(await open("203.0.113.8"));
    const checked = connect({ host: "127.0.0.1", port: broker.ports.https, localAddress: "127.0.0.2" });
    await once(checked, "connect");
    expect(broker.logs.lines.filter(({ event }) => event === "too-many-connections")).toHaveLength(1);
    for (const socket of [...sockets, checked]) socket.destroy();
  });
});

test("a message that is held back is authorized again when its turn comes", async () => {
  const own = await createPlant();
  const broker = await startTestBroker(own, { limits: { ...DEFAULT_SITE_LIMITS, publishRate: 1 } });
  const [operator, scada] = await Promise.all([accepted(broker, own, "operator"), accepted(broker, own, "scada")]);
  await operator.subscribeAsync("#");
  const got: string[] = [];
  operator.on("message", (_, text) => got.push(text.toString()));
  const burst = LIMITS.publishBurstMs / 1_000;
  // One a second is let go until the broker has the new document: that may take a busy machine a while.
  const count = burst + 60;
  for (let i = 0; i < count; i += 1) scada.publish("plant/line/gw-1/cmd/stop", String(i));
  await broker.logs.until("publish-held-back");
  await applySite(own.vault, plantSite({ scada: { publish: ["plant/scada/status"] } }));
  await closed(scada);
  await broker.logs.until("publish-denied", ({ identity }) => identity === "scada");
  // It has seen all that was published before.
  await operator.subscribeAsync("plant/again");
  expect(got.length).toBeGreaterThanOrEqual(burst);
  expect(got.length).toBeLessThan(count);
  expect(got).toEqual(Array.from(got, (_, i) => String(i)));
  await operator.endAsync();
  await broker.close();
});

describe("publishing", () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await startTestBroker(plant, { limits: { ...DEFAULT_SITE_LIMITS, publishRate: 100 } });
  });
  afterAll(() => broker.close());

  test("what is above the rate is held back in its order, and nothing of it is lost", async () => {
    const count = 1_000;
    const [scada, device, other] = await Promise.all([
      accepted(broker, plant, "scada"),
      accepted(broker, plant, "gw-1"),
      accepted(broker, plant, "gw-2"),
    ]);
    await scada.subscribeAsync(["plant/line/#"], { qos: 1 });
    const got: number[] = [];
    const all = new Promise<void>((resolve) =>
      scada.on("message", (topic, text) => {
        if (!topic.includes("gw-1")) return;
        got.push(Number(text));
        if (got.length === count) resolve();
      }),
    );
    const began = performance.now();
    const sent = Array.from({ length: count }, (_, i) =>
      device.publishAsync("plant/line/gw-1/data/t", String(i), { qos: 1 }),
    );
    expect(await broker.logs.until("publish-held-back")).toMatchObject({ identity: "gw-1" });
    // Who keeps to the rate does not wait for who does not.
    await other.publishAsync("plant/line/gw-2/data/t", "1", { qos: 1 });
    expect(got.length).toBeLessThan(count);
    await Promise.all([...sent, all]);
    expect(got).toEqual(Array.from({ length: count }, (_, i) => i));
    // 500 at once, 500 more at 100 a second.
    expect(performance.now() - began).toBeGreaterThan(4_500);
    await Promise.all([scada.endAsync(), device.endAsync(), other.endAsync()]);
  });

  test.each([
    ["mqtts", "gw-2", "plant/line/gw-2/data/t", "plant/line/gw-2/status"],
    ["wss", "scada", "plant/line/gw-1/cmd/stop", "plant/scada/status"],
  ] satisfies ["mqtts" | "wss", string, string, string][])(
    "a client that says DISCONNECT over %s and closes while its messages are held back loses none, and has no will",
    async (over, name, topic, status) => {
      const will = { topic: status, payload: Buffer.from("offline"), qos: 0, retain: false } as const;
      const [operator, device] = await Promise.all([
        accepted(broker, plant, "operator"),
        accepted(broker, plant, name, { over, will }),
      ]);
      await operator.subscribeAsync([topic, status], { qos: 1 });
      const got: string[] = [];
      operator.on("message", (_, text) => got.push(text.toString()));
      const sent = Array.from({ length: 700 }, (_, i) => String(i));
      for (const text of sent) device.publish(topic, text);
      await device.endAsync();
      await broker.logs.until("publish-held-back", ({ identity }) => identity === name);
      const last = broker.logs.lines.findLast((line) => line.event === "client-accepted" && line["clientId"] === name)!;
      await broker.logs.until("client-closed", ({ port }) => port === last["port"]);
      // It has seen all that was published before.
      await operator.subscribeAsync("plant/again");
      expect(got).toEqual(sent);
      await operator.endAsync();
    },
  );

  test("an identity that floods with SUBSCRIBE or UNSUBSCRIBE on several connections is held to one rate, and nobody else is", async () => {
    const tabs = await Promise.all(
      [0, 1].map((n) => accepted(broker, plant, "operator", { clientId: `operator~${n}` })),
    );
    const scada = await accepted(broker, plant, "scada");
    const filters = Array.from({ length: LIMITS.filtersPerSubscribe }, (_, i) => `plant/line/gw-1/data/${i}`);
    let answered = 0;
    const since = performance.now();
    const flood = tabs.map(async (tab, n) => {
      for (let i = 0; i < LIMITS.filterBurst; i += filters.length) {
        if (n === 0) await tab.subscribeAsync(filters);
        else await tab.unsubscribeAsync(filters);
        answered += filters.length;
      }
    });
    const over = Promise.allSettled(flood);
    expect(await broker.logs.until("subscribe-held-back")).toMatchObject({ identity: "operator" });
    await granted(scada, ["plant/line/gw-1/data/t"]);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const allowed = LIMITS.filterBurst + (LIMITS.filterRate * (performance.now() - since)) / 1_000;
    // What is paid for afterwards may be one SUBSCRIBE on each connection.
    expect(answered).toBeLessThan(allowed + 2 * filters.length);
    expect(answered).toBeGreaterThan(LIMITS.filterBurst - 2 * filters.length);
    await Promise.all([...tabs, scada].map((client) => client.endAsync(true)));
    await over;
  });

  test("of a SUBSCRIBE with too many filters those behind are refused, and a client's subscriptions end somewhere", async () => {
    const scada = await accepted(broker, plant, "scada");
    const filters = (from: number, count: number): string[] =>
      Array.from({ length: count }, (_, i) => `plant/line/gw-1/data/${from + i}`);
    const { filtersPerSubscribe, subscriptionsPerClient } = LIMITS;
    const answer = await granted(scada, filters(0, filtersPerSubscribe + 2));
    expect(answer).toEqual([...Array(filtersPerSubscribe).fill(1), REFUSED, REFUSED]);
    let open = filtersPerSubscribe;
    while (open < subscriptionsPerClient) {
      const more = Math.min(filtersPerSubscribe, subscriptionsPerClient - open);
      await granted(scada, filters(open, more));
      open += more;
    }
    expect(await granted(scada, ["plant/line/#", "plant/line/gw-1/data/0"])).toEqual([REFUSED, 1]);
    await broker.logs.until("subscribe-denied", ({ reason }) => String(reason).includes("as many as it may"));
    await scada.endAsync();
  });

  test("one SUBSCRIBE gives a client not a single filter more than it may have", async () => {
    const scada = await accepted(broker, plant, "scada");
    const filters = (from: number, count: number): string[] =>
      Array.from({ length: count }, (_, i) => `plant/line/gw-1/data/${from + i}`);
    const { filtersPerSubscribe, subscriptionsPerClient } = LIMITS;
    const room = 10;
    for (let open = 0; open < subscriptionsPerClient - room; open += filtersPerSubscribe)
      await granted(scada, filters(open, Math.min(filtersPerSubscribe, subscriptionsPerClient - room - open)));
    // One that it has already, and one twice: neither counts.
    const known = "plant/line/gw-1/data/0";
    const more = filters(subscriptionsPerClient - room, filtersPerSubscribe - 3);
    expect(await granted(scada, [known, more[0]!, known, ...more])).toEqual([
      ...Array<number>(3 + room).fill(1),
      ...Array<number>(filtersPerSubscribe - 3 - room).fill(REFUSED),
    ]);
    expect(await granted(scada, ["plant/line/#"])).toEqual([REFUSED]);
    await scada.unsubscribeAsync([known, more[0]!]);
    expect(await granted(scada, ["plant/line/#", "plant/line/gw-1/#", "plant/line/gw-2/#"])).toEqual([1, 1, REFUSED]);
    await scada.endAsync();
  });

  test("probes and port scans make no noise in the log", async () => {
    const before = broker.logs.lines.length;
    for (const port of [broker.ports.mqtt, broker.ports.https]) {
      const left = connect(port, "127.0.0.1");
      await once(left, "connect");
      left.end();
      await once(left.resume(), "close");
      const reset = connect(port, "127.0.0.1");
      await once(reset, "connect");
      reset.resetAndDestroy();
      await once(reset, "close");
    }
    await (await accepted(broker, plant, "gw-1")).endAsync();
    const noisy = broker.logs.lines.slice(before).filter(({ level }) => level === "warn" || level === "error");
    expect(noisy).toEqual([]);
  });
});

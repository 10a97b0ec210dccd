import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { accepted, refused, type ClientOptions } from "./client";
import { certify, createPlant, strangeAuthority, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";
import { isResumed, ticket } from "./ticket";

const DAY = 86_400_000;
const NO_CERTIFICATE = { key: undefined, cert: undefined };
/** CONNACK return codes of MQTT 3.1.1, table 3.1. */
const IDENTIFIER = 2;
const BAD_USER_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;

let plant: Plant;
let broker: TestBroker;

beforeAll(async () => {
  plant = await createPlant();
  broker = await startTestBroker(plant);
});
afterAll(() => broker.close());

const withCertificate = async (...of: Parameters<typeof certify>): Promise<ClientOptions> => {
  const { key, certificate } = await certify(...of);
  return { key, cert: certificate };
};
const will = (topic: string): ClientOptions => ({
  will: { topic, payload: Buffer.from("gone"), qos: 0, retain: false },
});

interface Case {
  readonly title: string;
  readonly name: string;
  readonly changes: () => ClientOptions | Promise<ClientOptions>;
  readonly expected: number | "closed";
  readonly reason: string;
}

const cases: Case[] = [
  {
    title: "no certificate where one is required",
    name: "gw-1",
    changes: () => NO_CERTIFICATE,
    expected: NOT_AUTHORIZED,
    reason: "no client certificate, which this identity requires",
  },
  {
    title: "a certificate of a CA that the site does not know",
    name: "gw-1",
    changes: async () => withCertificate(await strangeAuthority(), "gw-1"),
    expected: "closed",
    reason: "certificate: no trusted CA signed it",
  },
  {
    title: "such a certificate where none is required",
    name: "historian",
    changes: async () => withCertificate(await strangeAuthority(), "historian"),
    expected: "closed",
    reason: "certificate: no trusted CA signed it",
  },
  {
    title: "an expired certificate",
    name: "gw-1",
    changes: () =>
      withCertificate(plant.authority, "gw-1", {
        notBefore: new Date(Date.now() - DAY),
        notAfter: new Date(Date.now() - 1_000),
      }),
    expected: "closed",
    reason: "certificate: it has expired",
  },
  {
    title: "a certificate that is not valid yet",
    name: "gw-1",
    changes: () => withCertificate(plant.authority, "gw-1", { notBefore: new Date(Date.now() + 60_000) }),
    expected: "closed",
    reason: "certificate: it is not valid yet",
  },
  {
    title: "a server's certificate of the site CA",
    name: "gw-1",
    changes: () => withCertificate(plant.authority, "gw-1", { usage: "serverAuth" }),
    expected: "closed",
    reason: "certificate: it is not for client authentication",
  },
  {
    title: "another identity's certificate with its key",
    name: "gw-1",
    changes: () => ({ key: plant.bundles["gw-2"]!.key, cert: plant.bundles["gw-2"]!.certificate }),
    expected: NOT_AUTHORIZED,
    reason: "certificate: its subject is another identity",
  },
  {
    title: "a wrong password",
    name: "gw-1",
    changes: () => ({ password: plant.bundles["gw-2"]!.password }),
    expected: BAD_USER_OR_PASSWORD,
    reason: "wrong password",
  },
  {
    title: "no password",
    name: "gw-1",
    changes: () => ({ password: undefined }),
    expected: BAD_USER_OR_PASSWORD,
    reason: "no password",
  },
  {
    title: "an empty password",
    name: "gw-1",
    changes: () => ({ password: "" }),
    expected: BAD_USER_OR_PASSWORD,
    reason: "wrong password",
  },
  {
    title: "no user name",
    name: "gw-1",
    changes: () => ({ username: undefined, password: undefined }),
    expected: BAD_USER_OR_PASSWORD,
    reason: "no user name",
  },
  {
    title: "an unknown user name",
    name: "gw-1",
    changes: () => ({ username: "gw-9" }),
    expected: BAD_USER_OR_PASSWORD,
    reason: "unknown user name",
  },
  {
    title: "a user name that every object has",
    name: "gw-1",
    changes: () => ({ username: "__proto__" }),
    expected: BAD_USER_OR_PASSWORD,
    reason: "unknown user name",
  },
  {
    title: "another identity's ClientId",
    name: "gw-1",
    changes: () => ({ clientId: "gw-2" }),
    expected: IDENTIFIER,
    reason: "the ClientId belongs to another identity",
  },
  {
    title: "a suffixed ClientId of a gateway",
    name: "gw-1",
    changes: () => ({ clientId: "gw-1~b" }),
    expected: IDENTIFIER,
    reason: "the ClientId belongs to another identity",
  },
  {
    title: "another identity's suffixed ClientId",
    name: "historian",
    changes: () => ({ clientId: "scada~historian" }),
    expected: IDENTIFIER,
    reason: "the ClientId belongs to another identity",
  },
  {
    title: "an empty ClientId",
    name: "gw-1",
    changes: () => ({ clientId: "" }),
    expected: IDENTIFIER,
    reason: "the ClientId belongs to another identity",
  },
  {
    title: "a will on another identity's topic",
    name: "gw-1",
    changes: () => will("plant/line/gw-2/status"),
    expected: NOT_AUTHORIZED,
    reason: "will: it may not publish there",
  },
  {
    title: "a will on a server's topic",
    name: "scada",
    changes: () => will("$SYS/x/new/clients"),
    expected: NOT_AUTHORIZED,
    reason: "will: '$' topics are the server's",
  },
  {
    title: "a will on a topic of 33 levels, which it may write",
    name: "gw-1",
    changes: () => will(`plant/line/gw-1/data${"/x".repeat(29)}`),
    expected: NOT_AUTHORIZED,
    reason: "will: it has more than 32 levels",
  },
];

describe.each(["mqtts", "wss"] as const)("over %s", (over) => {
  test.each(cases)("a client with $title is refused", async ({ name, changes, expected, reason }) => {
    const before = broker.logs.lines.length;
    const clientId = (await changes()).clientId ?? name;
    expect(await refused(broker, plant, name, { over, clientId, ...(await changes()) })).toBe(expected);
    const line = broker.logs.lines.slice(before).find(({ event }) => event === "client-refused");
    expect(line).toMatchObject({ reason, listener: over === "wss" ? "wss" : "mqtt" });
  });
});

test("the same client without any of these faults is accepted", async () => {
  const client = await accepted(broker, plant, "gw-1", {
    ...(await withCertificate(plant.authority, "gw-1")),
    ...will(`plant/line/gw-1/data${"/x".repeat(28)}`),
  });
  await client.endAsync();
});

test("a refused client's log line says who, from where and why, escaped and cut", async () => {
  await refused(broker, plant, "gw-1", {
    username: `evil\n{"event":"client-accepted"}\u202e${"x".repeat(500)}`,
    clientId: "a\tb",
  });
  const line = broker.logs.lines.findLast(({ event }) => event === "client-refused");
  expect(line).toMatchObject({
    listener: "mqtt",
    address: "127.0.0.1",
    clientId: "a\\u0009b",
    returnCode: BAD_USER_OR_PASSWORD,
  });
  expect(line!["userName"]).toMatch(/^evil\\u000a\{"event":"client-accepted"\}\\u202ex+\.\.\.\(5\d\d\)$/);
  expect(String(line!["certFp"])).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
});

test("a resumed TLS session without a certificate does not pass for one with", async () => {
  // Node calls a resumed TLS 1.3 session authorized, certificate or not.
  const session = await ticket(broker, plant);
  expect(await refused(broker, plant, "gw-1", { ...NO_CERTIFICATE, session })).toBe(NOT_AUTHORIZED);
  // Negative control: the ticket is good, and the same resumption serves an identity that needs no certificate.
  const again = await accepted(broker, plant, "historian", { session });
  expect(isResumed(again)).toBe(true);
  await again.endAsync();
});

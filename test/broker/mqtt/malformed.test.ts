import { connect as tcp } from "node:net";
import { connect as tls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startBareAedes, type BareAedes } from "../bare-aedes";
import { createPlant, type Plant } from "../plant";
import { startTestBroker, type TestBroker } from "../start-test-broker";
import { MALFORMED } from "./malformed";
import { connectPacket, packet, talk } from "./wire";

const ACCEPTED = packet(0x20, 0, 0);

let plant: Plant;
let broker: TestBroker;
let bare: BareAedes;

beforeAll(async () => {
  plant = await createPlant();
  broker = await startTestBroker(plant);
  bare = await startBareAedes();
});
afterAll(async () => {
  await broker.close();
  await bare.close();
});

const gateway = (): TLSSocket => {
  const { key, certificate } = plant.bundles["gw-1"]!;
  const secure = { servername: "localhost", ca: plant.ca, key, cert: certificate };
  return tls({ host: "127.0.0.1", port: broker.ports.mqtt, ...secure });
};
const who = (): { name: string; password: string } => ({ name: "gw-1", password: plant.bundles["gw-1"]!.password });

describe.each(MALFORMED)("$rule: $title", ({ rule, when, bytes, returnCode, bare: expected }) => {
  test("is refused with one line in the log that names the rule", async () => {
    const before = broker.logs.lines.length;
    const parts = when === "first" ? [bytes(who())] : [connectPacket(who()), bytes(who())];
    const answer = await talk(gateway(), ...parts);
    const answered = returnCode === undefined ? Buffer.alloc(0) : packet(0x20, 0, returnCode);
    const greeted = when === "first" ? Buffer.alloc(0) : ACCEPTED;
    expect(answer).toEqual({ ended: "closed", bytes: Buffer.concat([greeted, answered]) });
    const lines = broker.logs.lines
      .slice(before)
      .filter(({ event }) => event !== "client-accepted" && event !== "store-checkpoint");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ event: "packet-refused", level: "warn", rule });
    expect(lines[0]!["returnCode"]).toBe(returnCode);
    expect(String(lines[0]!["reason"])).toContain(`[${rule}]`);
  });

  test(`bare Aedes ${expected} it`, async () => {
    const socket = tcp(bare.port, "127.0.0.1");
    const parts = when === "first" ? [bytes(who())] : [connectPacket(who()), bytes(who())];
    const { ended, bytes: answer } = await talk(socket, ...parts);
    const greeted = answer.subarray(0, ACCEPTED.length).equals(ACCEPTED);
    if (expected === "accepts") expect([ended, greeted]).toEqual(["alive", true]);
    else if (expected === "refuses") expect(ended).toBe("closed");
    else expect(answer).not.toEqual(packet(0x20, 0, returnCode!));
  });
});

test("the same packets without a fault are accepted", async () => {
  const answer = await talk(gateway(), connectPacket(who()));
  expect(answer).toEqual({ ended: "alive", bytes: Buffer.concat([ACCEPTED, packet(0xd0)]) });
});

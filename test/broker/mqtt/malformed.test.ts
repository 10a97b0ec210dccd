import { connect as tcp } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { besideBareAedes } from "../beside-bare-aedes";
import { MALFORMED } from "./malformed";
import { connectPacket, packet, talk } from "./wire";

const ACCEPTED = packet(0x20, 0, 0);

const both = besideBareAedes();
const who = (): { name: string; password: string } => ({
  name: "gw-1",
  password: both.plant.bundles["gw-1"]!.password,
});

describe.each(MALFORMED)("$rule: $title", ({ rule, when, bytes, returnCode, bare: expected }) => {
  test("is refused with one line in the log that names the rule", async () => {
    const before = both.broker.logs.lines.length;
    const parts = when === "first" ? [bytes(who())] : [connectPacket(who()), bytes(who())];
    const answer = await talk(both.dial("gw-1"), ...parts);
    const answered = returnCode === undefined ? Buffer.alloc(0) : packet(0x20, 0, returnCode);
    const greeted = when === "first" ? Buffer.alloc(0) : ACCEPTED;
    expect(answer).toEqual({ ended: "closed", bytes: Buffer.concat([greeted, answered]) });
    const lines = both.broker.logs.lines
      .slice(before)
      .filter(({ event }) => event !== "client-accepted" && event !== "store-checkpoint");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ event: "packet-refused", level: "warn", rule });
    expect(lines[0]!["returnCode"]).toBe(returnCode);
    expect(String(lines[0]!["reason"])).toContain(`[${rule}]`);
  });

  test(`bare Aedes ${expected} it`, async () => {
    const socket = tcp(both.bare.port, "127.0.0.1");
    const parts = when === "first" ? [bytes(who())] : [connectPacket(who()), bytes(who())];
    const { ended, bytes: answer } = await talk(socket, ...parts);
    const greeted = answer.subarray(0, ACCEPTED.length).equals(ACCEPTED);
    if (expected === "accepts") expect([ended, greeted]).toEqual(["alive", true]);
    else if (expected === "refuses") expect(ended).toBe("closed");
    else expect(answer).not.toEqual(packet(0x20, 0, returnCode!));
  });
});

test("the same packets without a fault are accepted", async () => {
  const answer = await talk(both.dial("gw-1"), connectPacket(who()));
  expect(answer).toEqual({ ended: "alive", bytes: Buffer.concat([ACCEPTED, packet(0xd0)]) });
});

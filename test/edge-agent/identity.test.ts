import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { ClientConnection } from "../../cli/client-connection";
import { certify, strangeAuthority } from "../broker/plant";
import { json, openInbox } from "./inbox";
import { type Lab, openLab } from "./lab";
import { openLink } from "./link";
import { connectAgent } from "./local-client";
import type { Device } from "./run-edge-agent";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterEach(() => lab.clean());
afterAll(() => lab.close());

const identityOf = (device: Device, file: string): string => join(device.data, "identity", file);
const change = async (device: Device, changes: Partial<ClientConnection>): Promise<void> => {
  const path = identityOf(device, "mqtt.json");
  await writeFile(path, JSON.stringify({ ...(JSON.parse(await readFile(path, "utf8")) as object), ...changes }));
};
const copyFrom = async (device: Device, name: string, ...files: readonly string[]): Promise<void> => {
  const other = await lab.device(name);
  for (const file of files) await writeFile(identityOf(device, file), await readFile(identityOf(other, file)));
};

test.each<[string, (device: Device) => Promise<unknown>, RegExp]>([
  ["no bundle at all", (device) => rm(identityOf(device, "mqtt.json")), /mqtt\.json: is missing; put the bundle/],
  [
    "a bundle for another site",
    (device) => change(device, { site: "elsewhere" }),
    /is for site 'elsewhere', but this image was built for site 'plant'/,
  ],
  [
    "a bundle for another broker",
    (device) => change(device, { host: "evil.example" }),
    /names the broker 'evil.example', but this image's firewall/,
  ],
  [
    "a device that the site's file lacks",
    (device) => device.writeImage({ devices: ["gw-7"] }),
    /is for 'gw-1', which site 'plant' did not declare/,
  ],
  ["an enterprise client's bundle", (device) => change(device, { kind: "enterprise" }), /not an edge device/],
  [
    "another device's certificate",
    (device) => copyFrom(device, "gw-2", "cert.pem", "key.pem"),
    /certificate of 'gw-2', but the bundle is for 'gw-1'/,
  ],
  ["another device's key", (device) => copyFrom(device, "gw-2", "key.pem"), /key\.pem: is not the key of cert\.pem/],
  [
    "a certificate of another CA",
    async (device) =>
      writeFile(identityOf(device, "cert.pem"), (await certify(await strangeAuthority(), "gw-1")).certificate),
    /was not issued by a CA in ca\.pem/,
  ],
  [
    "a damaged mqtt.json",
    (device) => writeFile(identityOf(device, "mqtt.json"), "{"),
    /mqtt\.json: must be a JSON object/,
  ],
  [
    "a bundle of an older dmz",
    (device) => change(device, { edge: undefined }),
    /has no 'edge': it was written by an older dmz/,
  ],
  ["an empty password", (device) => writeFile(identityOf(device, "password"), ""), /password: is empty/],
  [
    "a path in the file names",
    (device) => change(device, { files: { ca: "../../etc/passwd", password: "password" } }),
    /'files' must be plain names/,
  ],
])("%s is said on the console, with what to do, and is no reason to stop", async (_, spoil, words) => {
  const device = await lab.device();
  await spoil(device);
  const agent = lab.start(device);
  expect(await agent.said(/^identity:/)).toMatch(words);
  expect(agent.child.exitCode).toBeNull();
  expect(agent.lines.join()).not.toContain("connected:");
});

test("a bundle that comes after the boot is taken without a restart", async () => {
  const device = await lab.device();
  const bundle = await readFile(identityOf(device, "mqtt.json"));
  await rm(identityOf(device, "mqtt.json"));
  const agent = lab.start(device);
  await agent.said(/^identity:.*is missing/);
  await writeFile(identityOf(device, "mqtt.json"), bundle);
  await agent.said(/^connected:/);
});

test("a new bundle is taken without a restart when the old one opens no connection, and what waits is sent with it", async () => {
  const device = await lab.device();
  const files = ["ca.pem", "cert.pem", "key.pem"];
  const good = await Promise.all(files.map((file) => readFile(identityOf(device, file))));
  const strange = await strangeAuthority();
  const { certificate, key } = await certify(strange, "gw-1");
  const old = [strange.certificate.toString("pem"), certificate, key];
  for (const [i, file] of files.entries()) await writeFile(identityOf(device, file), old[i]!);
  const inbox = await openInbox(await lab.client("operator"), "plant/line/gw-1/data/#");
  const agent = lab.start(device);
  await agent.said(/^connect:/);
  const application = await connectAgent(device.socket);
  await application.publish("data/level", "7");
  expect(agent.lines.join()).not.toContain("another bundle");
  // One file after the other: what does not fit together is not taken.
  for (const [i, file] of files.entries()) await writeFile(identityOf(device, file), good[i]!);
  await agent.said(/^connected:/);
  expect((await inbox.got(() => true)).payload.toString()).toBe("7");
  expect(agent.lines.filter((line) => /there is another bundle/.test(line))).toHaveLength(1);
  expect(agent.child.exitCode).toBeNull();
  await (await connectAgent(device.socket)).publish("data/level", "8");
  await inbox.got(({ payload }) => payload.toString() === "8");
  expect(await agent.stop()).toBe(0);
});

test("no secret of the bundle is ever said", async () => {
  const device = await lab.device();
  const password = await readFile(identityOf(device, "password"), "utf8");
  await writeFile(identityOf(device, "key.pem"), `not a key ${password}`);
  const agent = lab.start(device);
  await agent.said(/^identity:/);
  expect(agent.lines.join("\n")).not.toContain(password);
});

test("an image without a sound file of its own ends the agent at once, and says which field", async () => {
  const device = await lab.device();
  await device.writeImage({ deviceClass: "No Class" });
  const agent = lab.start(device);
  expect(await agent.said(/^image:/)).toContain("'deviceClass' must match");
  await expect(agent.said(/^never:/)).rejects.toThrow("it ended with 1");
});

test("a broker of another CA is not spoken to", async () => {
  const device = await lab.device();
  const strange = await strangeAuthority();
  // As an attacker who has both: a bundle whose CA is another one, with a certificate of it, so that the bundle fits together.
  const { certificate, key } = await certify(strange, "gw-1");
  for (const [file, text] of Object.entries({
    "cert.pem": certificate,
    "key.pem": key,
    "ca.pem": strange.certificate.toString("pem"),
  }))
    await writeFile(identityOf(device, file), text);
  const agent = lab.start(device);
  expect(await agent.said(/^connect: mqtts/)).toMatch(/self.signed|unable to (get|verify)/);
  expect(agent.lines.join()).not.toContain("connected:");
});

test("a broker under a name that its certificate lacks is not spoken to, and under its own it is", async () => {
  const link = await openLink(() => lab.broker.ports.mqtt, "127.0.0.2");
  const device = await lab.device();
  const edge = (host: string) => ({ version: 1 as const, brokers: [`mqtts://${host}`], prefix: "plant/line/gw-1" });
  await change(device, { edge: edge(`127.0.0.2:${link.port}`) });
  const agent = lab.start(device);
  expect(await agent.said(/^connect:/)).toMatch(/127\.0\.0\.2 is not in the cert's list/);
  expect(agent.lines.join()).not.toContain("connected:");
  await agent.stop();
  await link.close();
  await change(device, { edge: edge(`127.0.0.1:${lab.broker.ports.mqtt}`) });
  await lab.start(device).said(/^connected:/);
});

test("an expired certificate is said, with what to do, and messages are kept meanwhile", async () => {
  const device = await lab.device();
  const past = (days: number) => new Date(Date.now() - days * 86_400_000);
  const { certificate, key } = await certify(lab.plant.authority, "gw-1", { notBefore: past(20), notAfter: past(10) });
  await writeFile(identityOf(device, "cert.pem"), certificate);
  await writeFile(identityOf(device, "key.pem"), key);
  const agent = lab.start(device);
  expect(await agent.said(/^certificate-expired:/)).toContain("enrol the device again");
  await agent.said(/^ready:/);
  await agent.said(/^connect:/);
  expect(agent.child.exitCode).toBeNull();
});

test("a bundle for another device is not taken over the first one's queue", async () => {
  const device = await lab.device();
  const first = lab.start(device);
  await first.said(/^connected:/);
  await first.stop();
  await lab.plant.writeBundle("gw-2", join(device.data, "identity"), lab.broker.ports);
  const inbox = await openInbox(await lab.client("operator"), "plant/line/gw-2/event/agent/health");
  const second = lab.start(device);
  expect(await second.said(/^queue-foreign:/)).toContain("holds messages of 'gw-1'");
  await inbox.got((message) => JSON.stringify(json(message)["faults"]).includes("queue-foreign"));
});

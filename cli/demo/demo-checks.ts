import type { MqttClient } from "mqtt";
import type { Cast, EdgePart } from "./cast";
import type { Check, Verdict } from "./check";
import { subscribe } from "./check";
import { connectOnce, Refusal } from "./connect-once";
import type { ForgedCertificate } from "./forge-certificate";
import { inbox } from "./inbox";
import type { Stage } from "./stage";

type Row = readonly [who: string, does: string, expected: Verdict, attempt: Check["attempt"]];

/** What the demo tries, in order: a table of who, what and the expected verdict. Later checks use earlier connections. */
export function demoChecks(stage: Stage, cast: Cast, forged: ForgedCertificate): readonly Check[] {
  const [one, two] = cast.edge;
  const [device, neighbour, host] = [one.identity.name, two.identity.name, cast.host.name];
  const own = stage.optionsOf(device);
  const neighbours = stage.optionsOf(neighbour);

  const getsIn = (options: object) => async (): Promise<string> => {
    await stage.connect({ ...own, ...options });
    return "CONNACK 0";
  };
  const group = (name: string, ...checks: readonly Row[]): Check[] =>
    checks.map(([who, does, expected, attempt]) => ({ group: name, who, does, expected, attempt }));

  return [
    ...group(
      "Getting in",
      [device, "connects with its own bundle", "allowed", getsIn({})],
      [neighbour, "does, too", "allowed", getsIn(neighbours)],
      [host, "does, too", "allowed", getsIn(stage.optionsOf(host))],
      ["anybody", "connects without TLS", "refused", () => plaintext(stage.url)],
      ["anybody", "comes without a certificate", "refused", getsIn({ cert: undefined, key: undefined })],
      [
        "anybody",
        `brings ${device}'s name from another CA`,
        "refused",
        getsIn({ cert: forged.certificate, key: forged.key }),
      ],
      [device, "gives a wrong password", "refused", getsIn({ password: Buffer.from("wrong") })],
      [device, `steals ${neighbour}'s ClientId`, "refused", getsIn({ clientId: neighbour })],
      [device, `steals ${neighbour}'s certificate`, "refused", getsIn({ cert: neighbours.cert, key: neighbours.key })],
      [
        device,
        `steals ${neighbour}'s name and password`,
        "refused",
        getsIn({ ...neighbours, cert: own.cert, key: own.key }),
      ],
      [neighbour, "is still connected", "allowed", () => isUndisturbed(stage, neighbour)],
    ),
    ...group(
      "Reading",
      [
        host,
        `subscribes ${one.telemetry}`,
        "allowed",
        async () => subscribe(await stage.clientOf(host), one.telemetry),
      ],
      [
        host,
        `subscribes ${two.telemetry}`,
        "allowed",
        async () => subscribe(await stage.clientOf(host), two.telemetry),
      ],
      [device, "subscribes #", "refused", async () => subscribe(await stage.clientOf(device), "#")],
      [
        device,
        `subscribes ${two.telemetry}`,
        "refused",
        async () => subscribe(await stage.clientOf(device), two.telemetry),
      ],
    ),
    ...group(
      "Writing",
      [device, `publishes ${one.telemetry}`, "allowed", () => delivers(stage, device, host, one.telemetry)],
      [neighbour, `publishes ${two.telemetry}`, "allowed", () => delivers(stage, neighbour, host, two.telemetry)],
      [device, `publishes ${two.telemetry}`, "refused", () => forges(stage, device, neighbour, host, two.telemetry)],
      ...(one.command === undefined ? [] : [commands(stage, host, device, one.command)]),
    ),
    ...(cast.operator ? group("Watching", ...watches(stage, cast.operator.name, one)) : []),
  ];
}

/** A thief who got as far as a CONNECT would have taken over the session (MQTT 3.1.1, 3.1.4). */
async function isUndisturbed(stage: Stage, name: string): Promise<string> {
  if (!stage.isConnected(name)) throw new Refusal("lost its connection");
  return "undisturbed";
}

/** A message's way from one client to another: the receiver is subscribed already. */
async function delivers(stage: Stage, from: string, to: string, topic: string): Promise<string> {
  const [sender, receiver] = [await stage.clientOf(from), await stage.clientOf(to)];
  const text = `from ${from} at ${process.hrtime.bigint()}`;
  const arrival = inbox(receiver).next(topic, (received) => received === text);
  const start = performance.now();
  const [{ skipped }] = await Promise.all([arrival, publish(sender, topic, text)]);
  if (skipped.length > 0) throw new Error(`${to} received ${skipped.length} messages that nobody of this demo sent`);
  return `${to} has it after ${Math.max(1, Math.round(performance.now() - start))} ms`;
}

/**
 * Publishes on a topic that belongs to `owner`. Nobody may get it: the owner's own message that follows on the same topic
 * must be the first that the host receives, since one topic keeps its order.
 */
async function forges(stage: Stage, from: string, owner: string, host: string, topic: string): Promise<string> {
  const [forger, receiver, sender] = [
    await stage.clientOf(from),
    await stage.clientOf(host),
    await stage.clientOf(owner),
  ];
  const text = `genuine, at ${process.hrtime.bigint()}`;
  const arrival = inbox(receiver).next(topic, (received) => received === text);
  const closed = publish(forger, topic, "forged").then(
    () => false,
    (error: unknown) => {
      if (error instanceof Refusal) return true;
      throw error;
    },
  );
  // MQTT 3.1.1, 3.3.5: a server that does not authorize a PUBLISH acknowledges it all the same, or closes the connection.
  const wasClosed = await closed.catch((error: unknown) => {
    arrival.catch(() => undefined);
    throw error;
  });
  const [{ skipped }] = await Promise.all([arrival, publish(sender, topic, text)]);
  if (skipped.length > 0) return `${host} received the forged message`;
  throw new Refusal(wasClosed ? "connection closed" : "delivered to nobody");
}

function commands(stage: Stage, host: string, device: string, topic: string): Row {
  const attempt = async (): Promise<string> => {
    await subscribe(await stage.clientOf(device), topic);
    return delivers(stage, host, device, topic);
  };
  return [host, `publishes ${topic}`, "allowed", attempt];
}

/** An operator reads everything and writes nothing: changes go through AWS, under IAM. */
function watches(stage: Stage, operator: string, { identity, telemetry, command }: EdgePart): readonly Row[] {
  const reads = async (): Promise<string> => {
    await subscribe(await stage.clientOf(operator), "#");
    return delivers(stage, identity.name, operator, telemetry);
  };
  const topic = command ?? telemetry;
  const writes = async (): Promise<string> => {
    await publish(await stage.clientOf(operator), topic, "forged");
    return "PUBACK";
  };
  return [
    [operator, "subscribes #", "allowed", reads],
    [operator, `publishes ${topic}`, "refused", writes],
  ];
}

/** Publishes with QoS 1 and waits for the PUBACK. @throws Refusal when the broker closes the connection instead */
function publish(client: MqttClient, topic: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(new Refusal("connection closed"));
    client.once("close", closed);
    client.publish(topic, text, { qos: 1 }, (error) => {
      client.off("close", closed);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** An MQTT CONNECT in the clear. */
async function plaintext(url: string): Promise<string> {
  await connectOnce(url.replace("mqtts:", "mqtt:"), { clientId: "anybody" });
  return "CONNACK 0";
}

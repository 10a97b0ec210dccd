import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { Aedes, type Client } from "aedes";
import { writeWholePackets } from "../../../broker/src/aedes-internals";
import { Delivery } from "../../../broker/src/delivery/delivery";
import type { DeliveryPolicy } from "../../../broker/src/delivery/delivery-policy";
import type { RetainedLimits } from "../../../broker/src/delivery/retained-messages";
import { Gate } from "../../../broker/src/gate";
import type { KeyValue } from "../../../broker/src/persistence/key-value";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { captureLog, type LogCapture } from "../log-capture";

export interface DeliveryChanges {
  readonly policy?: Partial<DeliveryPolicy>;
  /** @default a new one in memory */
  readonly keyValue?: KeyValue;
  /** Asked before a message is accepted. @default `policy.mayPublish` decides, at once */
  readonly authorizePublish?: (topic: string, decide: (allowed: boolean) => void) => void;
  readonly isActive?: () => boolean;
  readonly retainedLimits?: RetainedLimits;
  /** @default Date.now */
  readonly now?: () => number;
}

/** Aedes with our delivery behind gates, over plain TCP on loopback: the same as the broker, but for who may come in. */
export interface TestDelivery {
  readonly port: number;
  readonly delivery: Delivery;
  readonly logs: LogCapture;
  readonly failures: Error[];
  /** Resolves when the connection with this ClientId is gone for the broker too. */
  readonly gone: (clientId: string) => Promise<void>;
  /** Resolves when Aedes says of the next connection that it is gone. */
  readonly ended: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

const everything: DeliveryPolicy = {
  isDeclared: () => true,
  mayPublish: () => true,
  maySubscribe: () => true,
  mayReceive: () => true,
  admissionFault: () => undefined,
};
const PEER = { listener: "mqtt", address: "192.0.2.1", port: 1, certificate: undefined } as const;

/** Everybody is who the ClientId says, up to a `~`. */
export async function startDelivery(changes: DeliveryChanges = {}): Promise<TestDelivery> {
  const { keyValue = new MemoryKeyValue(), authorizePublish, isActive = () => true, now = Date.now } = changes;
  // Read anew at each question: a test changes it under sessions' feet.
  const policy: DeliveryPolicy = {
    isDeclared: (...asked) => (changes.policy?.isDeclared ?? everything.isDeclared)(...asked),
    mayPublish: (...asked) => (changes.policy?.mayPublish ?? everything.mayPublish)(...asked),
    maySubscribe: (...asked) => (changes.policy?.maySubscribe ?? everything.maySubscribe)(...asked),
    mayReceive: (...asked) => (changes.policy?.mayReceive ?? everything.mayReceive)(...asked),
    admissionFault: (...asked) => (changes.policy?.admissionFault ?? everything.admissionFault)(...asked),
  };
  const identityOf = (client: Client): string => client.id.split("~")[0]!;
  const logs = captureLog();
  const failures: Error[] = [];
  const delivery = await Delivery.open({
    keyValue,
    log: logs.log,
    policy,
    identityOf,
    isActive,
    now,
    onFailure: (error) => failures.push(error),
    retainedLimits: changes.retainedLimits,
    authorizePublish: (client, packet, done) => {
      const decide = (allowed: boolean): void => done(allowed ? null : new Error("not authorized"));
      if (authorizePublish) authorizePublish(packet.topic, decide);
      else decide(client !== null && policy.mayPublish(identityOf(client), packet.topic));
    },
    authorizeSubscribe: (client, subscription, done) =>
      done(null, policy.maySubscribe(identityOf(client), subscription.topic) ? subscription : null),
  });
  writeWholePackets();
  const aedes = await Aedes.createBroker(delivery.options);
  delivery.follow(aedes);
  aedes.on("connackSent", ({ returnCode }, client) => {
    if (returnCode === 0) (client.conn as Gate).admit();
  });
  const gates = new Set<Gate>();
  const server = createServer((socket) => {
    const gate = new Gate(socket, PEER);
    gates.add(gate);
    gate.on("error", () => undefined);
    gate.once("close", () => gates.delete(gate));
    delivery.adopt(aedes.handle(gate));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    delivery,
    logs,
    failures,
    gone: async (clientId) => {
      while (delivery.sessions.get(clientId)?.client) await once(aedes, "clientDisconnect");
    },
    ended: () => once(aedes, "clientDisconnect"),
    close: async () => {
      const stopped = delivery.stop();
      for (const gate of gates) gate.destroy(new Error("the end"));
      await new Promise((resolve) => server.close(resolve));
      await stopped;
      await new Promise<void>((resolve) => aedes.close(resolve));
    },
  };
}

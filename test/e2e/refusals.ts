import { once } from "node:events";
import { createAuthorityOfStranger } from "./stranger";
import { dial } from "./dial";
import { expect, refused } from "./expect";
import type { Scenario } from "./scenario";
import { SiteClient, type Bundle, type SiteClientOptions } from "./site-client";

export interface RefusalProps {
  readonly scenario: Scenario;
  readonly mqtt: SiteClientOptions;
  readonly webSocket: SiteClientOptions;
  /** Sparkplug edge nodes of one group, and the host that reads them. */
  readonly edge: Bundle;
  readonly otherEdge: Bundle;
  readonly host: Bundle;
}

/** Attacks the deployed broker from the internet; each refusal follows or precedes its positive control. */
export async function checkRefusals({ scenario, mqtt, webSocket, edge, otherEdge, host }: RefusalProps): Promise<void> {
  const accepted = async (bundle: Bundle, where = mqtt): Promise<void> => {
    const client = await SiteClient.connect(bundle, where);
    await client.end();
  };
  const stranger = await createAuthorityOfStranger(edge.name);
  const bad: readonly (readonly [title: string, bundle: Bundle, options?: SiteClientOptions["options"]])[] = [
    ["a certificate of another CA", { ...edge, key: stranger.key, certificate: stranger.certificate }],
    ["no certificate", { ...edge, key: undefined, certificate: undefined }],
    ["a wrong password", { ...edge, password: otherEdge.password }],
    ["another device's certificate", { ...edge, key: otherEdge.key, certificate: otherEdge.certificate }],
    ["someone else's ClientId", edge, { clientId: otherEdge.name }],
    ["no user name and no password", edge, { username: undefined, password: undefined }],
  ];
  for (const where of [mqtt, webSocket]) {
    for (const [title, bundle, options] of bad) {
      await scenario.check(
        `${title} is refused on port ${where.port}, and the same client without that fault is not`,
        async () => {
          await accepted(edge, where);
          await refused(title, () => SiteClient.connect(bundle, { ...where, options }));
        },
      );
    }
    await scenario.check(`a client that trusts another CA refuses the server on port ${where.port}`, async () => {
      const message = await refused("the server", () =>
        SiteClient.connect({ ...edge, trust: [stranger.trust] }, where),
      );
      expect(/certificate|issuer/i.test(message), `refused for another reason: ${message}`);
    });
  }

  await scenario.check("a foreign topic reaches nobody, an own one does", async () => {
    const reader = await SiteClient.connect(host, mqtt);
    await reader.subscribe("spBv1.0/line1/#");
    const honest = await SiteClient.connect(edge, mqtt);
    await honest.publish(`spBv1.0/line1/NDATA/${edge.name}`, "own");
    await reader.message(`spBv1.0/line1/NDATA/${edge.name}`, "own");
    const closed = honest.closed();
    honest.mqtt.publish(`spBv1.0/line1/NDATA/${otherEdge.name}`, "foreign", { qos: 1 });
    await closed;
    // The other device speaks after the foreign message: had that one passed, it would have come first.
    const other = await SiteClient.connect(otherEdge, mqtt);
    await other.publish(`spBv1.0/line1/NDATA/${otherEdge.name}`, "fence");
    await reader.message(`spBv1.0/line1/NDATA/${otherEdge.name}`, "fence");
    expect(!reader.messages.some(({ payload }) => payload === "foreign"), "the foreign message was delivered");
    await Promise.all([reader.end(), other.end()]);
  });

  await scenario.check("a foreign filter is not granted, an own one is", async () => {
    const client = await SiteClient.connect(edge, mqtt);
    expect((await client.subscribe(`spBv1.0/line1/NCMD/${edge.name}`))[0] === 1, "the own filter was not granted");
    const message = await refused("a foreign filter", async () => {
      const [granted] = await client.subscribe(`spBv1.0/line1/NCMD/${otherEdge.name}`);
      if (granted === 128) throw new Error("128");
    });
    expect(/128|failure|subscri/i.test(message), `refused for another reason: ${message}`);
    await client.end();
  });

  await scenario.check("plaintext gets no answer on either port", async () => {
    const connectPacket = Buffer.from("100c00044d515454040200000000", "hex");
    const request = Buffer.from("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    for (const [where, bytes] of [
      [mqtt, connectPacket],
      [webSocket, request],
    ] as const) {
      const socket = await dial(where.gate, where.address, where.port);
      let answer = Buffer.alloc(0);
      socket.on("data", (chunk: Buffer) => (answer = Buffer.concat([answer, chunk]))).on("error", () => undefined);
      socket.write(bytes);
      await once(socket, "close", { signal: AbortSignal.timeout(20_000) });
      // A TLS alert record (type 21) says nothing but that TLS is spoken here.
      const talks = answer.length > 0 && answer[0] !== 21 && !/^HTTP\/1\.1 400/.test(answer.toString("latin1"));
      expect(!talks, `port ${where.port} answered plaintext with ${answer.toString("hex")}`);
      await accepted(edge, where);
    }
  });
}

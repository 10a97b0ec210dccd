import { once } from "node:events";
import type { AddressInfo } from "node:net";
import tls, { connect, createServer, type SecureContextOptions, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { clientTlsOptions, secureContext } from "../../broker/src/tls-options";
import { parseServerCertificate, type ServerCertificate } from "../../broker/src/server-certificate";
import { secretName } from "../../policy/deployment";
import { createPlant, SITE, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";

let plant: Plant;
let broker: TestBroker;
let certificate: ServerCertificate;

beforeAll(async () => {
  plant = await createPlant();
  broker = await startTestBroker(plant);
  const name = secretName.serverCertificate(SITE);
  certificate = parseServerCertificate(name, (await plant.vault.read(name))!.value, "1");
});
afterAll(() => broker.close());

/** What a server of these options agrees on with a client that knows old versions alone. */
async function oldVersion(options: SecureContextOptions): Promise<string | null> {
  const server = createServer(options, (socket) => socket.end());
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const socket = connect({ host: "127.0.0.1", port, servername: "localhost", ca: plant.ca, ...old });
  const version = await new Promise<string | null>((resolve) => {
    socket.once("secureConnect", () => resolve(socket.getProtocol()));
    socket.once("error", () => resolve("refused"));
  });
  socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  return version;
}

describe("TLS before 1.2 is refused by each of two locks, also where Node itself is told to allow it", () => {
  const { DEFAULT_MIN_VERSION } = tls;
  beforeAll(() => {
    tls.DEFAULT_MIN_VERSION = "TLSv1";
  });
  afterAll(() => {
    tls.DEFAULT_MIN_VERSION = DEFAULT_MIN_VERSION;
  });
  const weak = "DEFAULT@SECLEVEL=0";
  const old = "TLSv1";

  test("the least version", async () => {
    expect(await oldVersion({ ...secureContext(certificate), ciphers: weak })).toBe("refused");
    expect(await oldVersion({ ...clientTlsOptions(certificate), ciphers: weak })).toBe("refused");
  });

  test("the cipher suites, of which none is older", async () => {
    expect(await oldVersion({ ...secureContext(certificate), minVersion: old })).toBe("refused");
  });

  test("without both it would be accepted", async () => {
    expect(await oldVersion({ ...secureContext(certificate), minVersion: old, ciphers: weak })).toBe("TLSv1.1");
  });
});

describe("renegotiation, with which a client makes the server work at will", () => {
  let socket: TLSSocket;
  afterEach(() => {
    socket.destroy();
  });
  const renegotiated = async (port: number): Promise<"accepted" | "refused"> => {
    const options = { host: "127.0.0.1", port, servername: "localhost", ca: plant.ca, maxVersion: "TLSv1.2" } as const;
    socket = connect(options);
    await once(socket, "secureConnect");
    return new Promise((resolve) => {
      socket.on("error", () => resolve("refused"));
      socket.on("close", () => resolve("refused"));
      socket.renegotiate({}, (error) => resolve(error ? "refused" : "accepted"));
      socket.resume();
    });
  };

  test.each(["mqtt", "https"] as const)("is refused on the %s port", async (name) => {
    expect(await renegotiated(broker.ports[name])).toBe("refused");
  });

  test("is accepted by a server that does not forbid it", async () => {
    const server = createServer({ ...clientTlsOptions(certificate), secureOptions: 0 });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    expect(await renegotiated((server.address() as AddressInfo).port)).toBe("accepted");
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});

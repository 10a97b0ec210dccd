import { connect as tcp } from "node:net";
import { connect as tls } from "node:tls";
import type { Writable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startBareAedes, type BareAedes } from "./bare-aedes";
import { createPlant, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";

setFlagsFromString("--expose_gc");
const collectGarbage = runInNewContext("gc") as () => void;
/** Bytes in buffers that somebody still needs: what an earlier test in this process left behind does not count. */
const held = (): number => {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
};

/** A CONNECT of 200 MB, as its fixed header says. */
const HEADER = Buffer.from([0x10, 0x80, 0x84, 0xaf, 0x5f]);
const PART = Buffer.alloc(256 * 1024);

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

/** Sends as much of it as is taken, up to `most` bytes. @returns the bytes taken before the connection was closed. */
const send = (socket: Writable, most: number): Promise<number> =>
  new Promise((resolve) => {
    let taken = 0;
    const more = (error?: Error | null): void => {
      if (error || taken >= most) return resolve(taken);
      socket.write(PART, (failed) => {
        if (!failed) taken += PART.length;
        more(failed);
      });
    };
    socket.on("error", () => undefined);
    socket.once("close", () => resolve(taken));
    socket.write(HEADER, more);
  });

test("a CONNECT of 200 MB is closed at once, and costs less than 1 MB", async () => {
  const before = held();
  const socket = tls({ host: "127.0.0.1", port: broker.ports.mqtt, servername: "localhost", ca: plant.ca });
  const taken = await send(socket, 200_000_000);
  const grown = process.memoryUsage().arrayBuffers - before;
  // What the sockets of both ends keep, and nobody reads.
  expect(taken).toBeLessThan(16_000_000);
  expect(grown).toBeLessThan(1_000_000);
  await broker.logs.until("packet-refused", ({ reason }) =>
    String(reason).startsWith("a packet of 200000005 bytes is larger than 16384"),
  );
  socket.destroy();
});

test("bare Aedes collects it", async () => {
  const before = held();
  const socket = tcp(bare.port, "127.0.0.1");
  expect(await send(socket, 40_000_000)).toBeGreaterThanOrEqual(40_000_000);
  expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThan(20_000_000);
  socket.destroy();
});

import { connect as tcp } from "node:net";
import type { Writable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "@jest/globals";
import { besideBareAedes } from "./beside-bare-aedes";

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

const both = besideBareAedes();

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
  const socket = both.dial();
  const taken = await send(socket, 200_000_000);
  const grown = process.memoryUsage().arrayBuffers - before;
  // What the sockets of both ends keep, and nobody reads.
  expect(taken).toBeLessThan(16_000_000);
  expect(grown).toBeLessThan(1_000_000);
  await both.broker.logs.until("packet-refused", ({ reason }) =>
    String(reason).startsWith("a packet of 200000005 bytes is larger than 16384"),
  );
  socket.destroy();
});

test("bare Aedes collects it", async () => {
  const before = held();
  const socket = tcp(both.bare.port, "127.0.0.1");
  expect(await send(socket, 40_000_000)).toBeGreaterThanOrEqual(40_000_000);
  expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThan(20_000_000);
  socket.destroy();
});

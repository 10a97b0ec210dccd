import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { expect, test } from "@jest/globals";
import { makeRoom } from "../../broker/src/make-room";
import { memoryLimits } from "../../broker/src/memory-limits";
import { BROKER_SIZES } from "../../policy/broker-sizes";
import { captureLog } from "./log-capture";

class FakeSocket extends EventEmitter {
  readonly destroyed = false;
  resets = 0;
  resetAndDestroy(): void {
    this.resets += 1;
    this.emit("close");
  }
}

test.each(Object.entries(BROKER_SIZES))(
  "a full %s task resets who comes, keeps who is there, and takes the next when one has gone",
  (_, { memoryMib }) => {
    const limits = memoryLimits(memoryMib);
    const { log, lines } = captureLog();
    const room = makeRoom(limits, log);
    let number = 0;
    /** Relayed: it needs no handshake, and takes its place for good. @returns its socket, and whether it was let in. */
    const come = (): { socket: FakeSocket; isIn: boolean } => {
      const socket = new FakeSocket();
      let isIn = false;
      number += 1;
      // Ten from each address: no address is at a limit of its own.
      const address = `192.0.${number >> 11}.${Math.floor(number / 10) & 0xff}`;
      room.relay(socket as unknown as Socket, { address, port: number }, () => (isIn = true));
      return { socket, isIn };
    };
    const crowd = Array.from({ length: limits.connections }, come);
    expect(crowd.every(({ isIn }) => isIn)).toBe(true);

    const late = come();
    expect(late).toMatchObject({ isIn: false, socket: { resets: 1 } });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ event: "too-many-connections", level: "warn" });
    expect(crowd.some(({ socket }) => socket.resets > 0)).toBe(false);

    crowd[0]!.socket.emit("close");
    expect(come().isIn).toBe(true);
    expect(come().isIn).toBe(false);
  },
);

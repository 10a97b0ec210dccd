import { X509Certificate } from "node:crypto";
import { Duplex } from "node:stream";
import { startEngine } from "../../../broker/src/engine";
import { Gate } from "../../../broker/src/gate";
import { createLogger } from "../../../broker/src/logger";
import { Material } from "../../../broker/src/material";
import { PacketRefused } from "../../../broker/src/mqtt/packet-refused";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { waitForMaterial } from "../../../broker/src/wait-for-material";
import { createPlant, SITE } from "../plant";
import type { ByteStream, Who } from "./byte-streams";

/** Milliseconds: a connection that is still there so long after its end hangs. */
const HANGS_MS = 5_000;

/** Turns of the event loop: a login, and what follows it, takes fewer. */
const SETTLE_TURNS = 30;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The broker behind TLS, with everything that it decides on, and nothing on the network. */
export interface Target {
  readonly who: Who;
  /** Plays one connection to its end. @throws when it does not end. */
  readonly feed: (stream: ByteStream) => Promise<void>;
  /** How many were admitted, and how many ended in which way, by normative statement where one was broken. */
  readonly ends: ReadonlyMap<string, number>;
  readonly close: () => Promise<void>;
}

/** One end of a connection whose peer is the test; what is written to it is read by nobody. */
class Line extends Duplex {
  override _read(): void {
    // The test pushes.
  }
  override _write(_chunk: Buffer, _: BufferEncoding, done: () => void): void {
    done();
  }
}

export async function startTarget(): Promise<Target> {
  const plant = await createPlant();
  const ends = new Map<string, number>();
  const count = (what: string): void => void ends.set(what, (ends.get(what) ?? 0) + 1);
  const log = createLogger("debug", SITE, { write: () => undefined });
  const material = new Material({ vault: plant.vault, site: SITE, log });
  await material.start();
  await waitForMaterial(material, log, () => material.missing.length === 0);
  const engine = await startEngine({ material, keyValue: new MemoryKeyValue(), log, isActive: () => true });

  const { name, password, certificate } = plant.bundles["gw-1"]!;
  const x509 = new X509Certificate(certificate!);
  let connections = 0;
  const feed = async (stream: ByteStream): Promise<void> => {
    connections += 1;
    // Each from elsewhere: what one address may do is not what is tried here.
    const address = `10.${(connections >> 16) & 255}.${(connections >> 8) & 255}.${connections & 255}`;
    const line = new Line();
    const gate = new Gate(line, { listener: "mqtt", address, port: 1, certificate: x509 });
    const closed = new Promise<boolean>((resolve) => gate.once("close", () => resolve(true)));
    engine.handle(gate);
    gate.once("admitted", () => count("admitted"));
    for (const piece of stream) {
      line.push(piece);
      // As a socket does: each piece in a turn of its own.
      await turn();
    }
    // Until what was sent has been handled, as far as it can be.
    for (let i = 0; i < SETTLE_TURNS && !gate.destroyed; i++) await turn();
    line.push(null);
    let timer: NodeJS.Timeout | undefined;
    const hangs = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, HANGS_MS, false)));
    const ended = await Promise.race([closed, hangs]);
    clearTimeout(timer);
    gate.destroy();
    const fault = gate.errored;
    count(fault instanceof PacketRefused ? (fault.rule ?? "a limit") : (fault?.message ?? "ended"));
    if (!ended) throw new Error(`the connection is still there ${HANGS_MS} ms after its end`);
  };
  return {
    who: { name, password },
    feed,
    ends,
    close: async () => {
      await engine.close();
      material.stop();
    },
  };
}

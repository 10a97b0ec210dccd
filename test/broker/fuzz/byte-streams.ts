import fc from "fast-check";
import { connectPacket, field, packet } from "../mqtt/wire";

/** Who the streams claim to be. */
export interface Who {
  readonly name: string;
  readonly password: string;
}

/** Bytes of one connection, in the pieces in which they arrive. */
export type ByteStream = readonly Buffer[];

const id = fc.integer({ min: 0, max: 65_535 }).map((value) => Buffer.from([value >> 8, value & 0xff]));
const topic = (who: Who): fc.Arbitrary<Buffer> =>
  fc
    .constantFrom(
      `plant/line/${who.name}/data/x`,
      `plant/line/${who.name}/cmd/#`,
      "plant/line/#",
      "a/+/b",
      "$SYS/#",
      "#",
    )
    .map(field);
const payload = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));

/** One valid packet, more or less: what is not granted, or not asked for, comes too. */
const valid = (who: Who): fc.Arbitrary<Buffer> =>
  fc.oneof(
    fc.tuple(topic(who), payload).map(([to, bytes]) => packet(0x30, to, bytes)),
    fc
      .tuple(fc.constantFrom(0x32, 0x3a, 0x34), topic(who), id, payload)
      .map(([first, to, number, bytes]) => packet(first, to, number, bytes)),
    fc.tuple(fc.constantFrom(0x40, 0x50, 0x62, 0x70), id).map(([first, number]) => packet(first, number)),
    fc
      .tuple(id, fc.array(fc.tuple(topic(who), fc.nat({ max: 2 })), { maxLength: 4 }))
      .map(([number, filters]) => packet(0x82, number, ...filters.flat())),
    fc.tuple(id, fc.array(topic(who), { maxLength: 4 })).map(([number, filters]) => packet(0xa2, number, ...filters)),
    fc.constant(packet(0xc0)),
    fc.constant(packet(0xe0)),
  );

type Change = (bytes: Buffer) => Buffer;

/** One change to a stream of bytes. */
const mutation: fc.Arbitrary<Change> = fc
  .tuple(fc.nat({ max: 4 }), fc.nat(), fc.nat({ max: 255 }), fc.nat({ max: 20 }))
  .map(([kind, where, byte, count]) => (bytes: Buffer) => {
    const at = bytes.length === 0 ? 0 : where % bytes.length;
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    switch (kind) {
      case 0:
        return Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]);
      case 1:
        return Buffer.concat([before, Buffer.from([byte]), after]);
      case 2:
        return Buffer.concat([before, after.subarray(count)]);
      case 3:
        return Buffer.concat([before, after.subarray(0, count), after]);
      default:
        return before;
    }
  });

/** Cuts bytes into the pieces that TCP might deliver. */
const pieces = (bytes: Buffer, cuts: readonly number[]): ByteStream => {
  const at = [
    0,
    ...cuts.map((cut) => (bytes.length === 0 ? 0 : cut % bytes.length)).sort((a, b) => a - b),
    bytes.length,
  ];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
};

/**
 * Streams grown from valid packets: some stay valid, most get a few mutations, before or behind the CONNECT; some are
 * noise.
 */
export const byteStreams = (who: Who): fc.Arbitrary<ByteStream> => {
  const clean = fc.boolean().map((keep) => connectPacket(who, { flags: keep ? 0xc0 : 0xc2 }));
  const will = fc
    .tuple(topic(who), fc.nat({ max: 3 }))
    .map(([to, qos]) => connectPacket(who, { flags: 0xc6 | (qos << 3), will: [[...to.subarray(2)], "off"] }));
  const start = fc.oneof({ weight: 4, arbitrary: clean }, { weight: 1, arbitrary: will });
  const mutations = fc.array(mutation, { maxLength: 3 });
  const grown = fc
    .tuple(start, fc.array(valid(who), { maxLength: 8 }), mutations, fc.boolean())
    .map(([connect, packets, changes, alsoConnect]) => {
      const rest = Buffer.concat(packets);
      const changed = (bytes: Buffer): Buffer => changes.reduce<Buffer>((last, change) => change(last), bytes);
      return alsoConnect ? changed(Buffer.concat([connect, rest])) : Buffer.concat([connect, changed(rest)]);
    });
  const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  const bytes = fc.oneof({ weight: 19, arbitrary: grown }, { weight: 1, arbitrary: noise });
  return fc.tuple(bytes, fc.array(fc.nat(), { maxLength: 4 })).map(([all, cuts]) => pieces(all, cuts));
};

import { IntervalSet } from "../interval-set";
import { ANYWHERE } from "./addresses";

/** What a packet's header says, as far as filters look at it. */
export interface Headers<Field> {
  /** Addresses of both families lie on one line: `addresses.ts`. */
  readonly source: Field;
  readonly destination: Field;
  /** IANA's number, 0 to 255. */
  readonly protocol: Field;
  /** Destination port; of ICMP, type times 256 plus code; 0 to 65535, of other protocols any. */
  readonly port: Field;
  /** Source port: the destination port of what comes back. */
  readonly sourcePort: Field;
}

/** One packet. */
export type Packet = Headers<bigint>;
/** All packets whose every field is in a set. */
export type Box = Headers<IntervalSet>;

const FIELDS = ["source", "destination", "protocol", "port", "sourcePort"] as const;

export const ALL_PROTOCOLS = IntervalSet.ofNumbers([0, 255]);
export const ALL_PORTS = IntervalSet.ofNumbers([0, 65535]);

/** A set of packets, exact: a union of boxes. Immutable. */
export class HeaderSet {
  static readonly NONE = new HeaderSet([]);
  static readonly ALL = HeaderSet.of({});

  private constructor(readonly boxes: readonly Box[]) {}

  /** One box; a field that is not named is any. */
  static of(box: Partial<Box>): HeaderSet {
    const full: Box = {
      source: ANYWHERE,
      destination: ANYWHERE,
      protocol: ALL_PROTOCOLS,
      port: ALL_PORTS,
      sourcePort: ALL_PORTS,
      ...box,
    };
    return FIELDS.some((field) => full[field].isEmpty) ? HeaderSet.NONE : new HeaderSet([full]);
  }

  static union(sets: readonly HeaderSet[]): HeaderSet {
    const boxes = sets.flatMap((set) => set.boxes);
    return boxes.length === 0 ? HeaderSet.NONE : new HeaderSet(boxes);
  }

  get isEmpty(): boolean {
    return this.boxes.length === 0;
  }

  has(packet: Packet): boolean {
    return this.boxes.some((box) => FIELDS.every((field) => box[field].has(packet[field])));
  }

  intersect(other: HeaderSet): HeaderSet {
    const boxes = this.boxes.flatMap((box) =>
      other.boxes.flatMap((another): Box[] => {
        const common = both(box, another);
        return common ? [common] : [];
      }),
    );
    return boxes.length === 0 ? HeaderSet.NONE : new HeaderSet(boxes);
  }

  subtract(other: HeaderSet): HeaderSet {
    let left: readonly Box[] = this.boxes;
    for (const box of other.boxes) left = left.flatMap((part) => without(part, box));
    return left.length === 0 ? HeaderSet.NONE : new HeaderSet(left);
  }

  /** What comes back when these are sent: each end in the other's place. */
  reversed(): HeaderSet {
    return new HeaderSet(
      this.boxes.map(({ source, destination, protocol, port, sourcePort }) => ({
        source: destination,
        destination: source,
        protocol,
        port: sourcePort,
        sourcePort: port,
      })),
    );
  }

  /** Every value that a field takes in it. */
  field(field: keyof Box): IntervalSet {
    return IntervalSet.of(...this.boxes.flatMap((box) => box[field].intervals));
  }

  /** One packet of it. Undefined: there is none. */
  get witness(): Packet | undefined {
    const box = this.boxes[0];
    if (!box) return undefined;
    const first = (field: keyof Box) => box[field].intervals[0]![0];
    return {
      source: first("source"),
      destination: first("destination"),
      protocol: first("protocol"),
      port: first("port"),
      sourcePort: first("sourcePort"),
    };
  }
}

function both(one: Box, other: Box): Box | undefined {
  const source = one.source.intersect(other.source);
  if (source.isEmpty) return undefined;
  const destination = one.destination.intersect(other.destination);
  if (destination.isEmpty) return undefined;
  const protocol = one.protocol.intersect(other.protocol);
  if (protocol.isEmpty) return undefined;
  const port = one.port.intersect(other.port);
  if (port.isEmpty) return undefined;
  const sourcePort = one.sourcePort.intersect(other.sourcePort);
  return sourcePort.isEmpty ? undefined : { source, destination, protocol, port, sourcePort };
}

/** Cuts along one field after the other; what lies outside in one of them stays. */
function without(box: Box, cut: Box): Box[] {
  if (!both(box, cut)) return [box];
  const parts: Box[] = [];
  let rest = box;
  for (const field of FIELDS) {
    const outside = rest[field].subtract(cut[field]);
    if (!outside.isEmpty) parts.push({ ...rest, [field]: outside });
    rest = { ...rest, [field]: rest[field].intersect(cut[field]) };
  }
  return parts;
}

import type { OutgoingPacket } from "../mqtt/encode-packet";

/** Where packets leave to a client: its gate. */
export interface Outlet {
  /** Never waits. A live message at QoS 0 is dropped when the client is behind. */
  send(packet: OutgoingPacket): void;
  /** Whether the client is behind. */
  readonly isCongested: boolean;
  /** Resolves when it has caught up or is gone. */
  relieved(): Promise<void>;
}

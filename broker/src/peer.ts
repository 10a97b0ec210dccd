import type { X509Certificate } from "node:crypto";

/** The client at the other end of a connection, as far as TCP and TLS tell. */
export interface Peer {
  readonly listener: "mqtt" | "wss";
  /** The real client's address, also behind the load balancer and a relay. */
  readonly address: string;
  readonly port: number;
  /** Presented, and found to be signed by a trusted CA at the time of the handshake. */
  readonly certificate: X509Certificate | undefined;
  /** To be called when it has logged in: until then it may have to make room for others. */
  readonly loggedIn?: (() => void) | undefined;
}

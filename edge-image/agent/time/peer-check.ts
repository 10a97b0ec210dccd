import type { TLSSocket } from "node:tls";

/** How the broker's certificate is accepted on one connection. */
export interface PeerCheck {
  /** Whether TLS itself refuses what it cannot verify. */
  readonly rejectUnauthorized: boolean;
  /** Called once the handshake is done, before anything is sent. @throws when the peer is not to be trusted */
  readonly accept: (socket: TLSSocket, host: string) => void;
}

/** The ordinary case: OpenSSL verifies chain, purpose and time, Node the host name. */
export const STRICT: PeerCheck = {
  rejectUnauthorized: true,
  accept: (socket) => {
    if (!socket.authorized)
      throw new Error(`the broker's certificate was not verified: ${String(socket.authorizationError)}`);
  },
};

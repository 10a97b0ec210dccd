import type { TLSSocket } from "node:tls";
import { certificateFault } from "./check-certificate";
import type { ClientAddresses } from "./client-addresses";
import type { Peer } from "./peer";
import type { ServerCertificate } from "./server-certificate";

/**
 * Who is at the other end of a finished TLS handshake.
 * @throws when a certificate was presented that is not good: such a client is refused, not treated as one without.
 */
export function peerOf(
  listener: Peer["listener"],
  socket: TLSSocket,
  addresses: ClientAddresses,
  { trust }: ServerCertificate,
): Peer {
  const { address, port } = addresses.of(socket);
  const loggedIn = addresses.loggedIn(socket);
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return { listener, address, port, certificate: undefined, loggedIn };
  const fault = certificateFault(certificate, trust, new Date());
  if (fault) throw new RefusedCertificate(fault, certificate.fingerprint256);
  return { listener, address, port, certificate, loggedIn };
}

/** A client certificate that is not good by itself. */
export class RefusedCertificate extends Error {
  override readonly name = "RefusedCertificate";
  constructor(
    reason: string,
    /** SHA-256 fingerprint, for the log. */
    readonly fingerprint: string,
  ) {
    super(`certificate: ${reason}`);
  }
}

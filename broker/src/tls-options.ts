import { constants } from "node:crypto";
import type { SecureContextOptions, TlsOptions } from "node:tls";
import { LIMITS } from "./limits";
import type { ServerCertificate } from "./server-certificate";

/** TLS 1.2 only with forward secrecy and authenticated encryption; TLS 1.3's own suites are all of that kind. */
const CIPHERS = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES256-GCM-SHA384",
].join(":");

/** What changes with the server certificate: for `setSecureContext`, under live sessions. */
export function secureContext({ secret }: ServerCertificate): SecureContextOptions {
  return {
    key: secret.key,
    cert: secret.certificate,
    ca: [...secret.trust],
    minVersion: "TLSv1.2",
    ciphers: CIPHERS,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}

/**
 * A client certificate is asked for and not demanded by TLS: identities without one exist, and health checks have none.
 * One that is presented must be good: `presentedCertificate` sees to that.
 */
export function clientTlsOptions(certificate: ServerCertificate): TlsOptions {
  return {
    ...secureContext(certificate),
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: LIMITS.handshakeMs,
  };
}

import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { Health } from "../health";
import type { DeviceIdentity } from "../identity/read-identity";
import type { DeviceClock } from "./device-clock";
import { verifyAtFloor } from "./verify-at-floor";

/** How the broker's certificate is accepted on one connection. */
export interface PeerCheck {
  /** Whether TLS itself refuses what it cannot verify. */
  readonly rejectUnauthorized: boolean;
  /** Called once the handshake is done, before anything is sent. @throws when the peer is not to be trusted */
  readonly accept: (socket: TLSSocket, host: string) => void;
}

/** OpenSSL's words for a certificate whose time is not now. */
const ABOUT_TIME = ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"];

/** Chooses, connection by connection, whether the system's clock or the last known time decides. */
export interface PeerChecks {
  next(url: string, signal: AbortSignal): Promise<PeerCheck>;
  /** An attempt failed: what about time is held against the clock rather than the broker, unless network time set it. */
  failed(url: string, error: Error): void;
}

export interface PeerChecksProps {
  readonly clock: DeviceClock;
  readonly identity: DeviceIdentity;
  readonly health: Health;
  /** How long the clock may wait for network time, ms: once, after the start. */
  readonly networkTimeMs: number;
}

export function createPeerChecks({ clock, identity, health, networkTimeMs }: PeerChecksProps): PeerChecks {
  /** Addresses whose certificate has a time that the system's clock cannot believe. */
  const doubted = new Set<string>();
  let patience = networkTimeMs;

  /** The ordinary case: OpenSSL verifies chain, purpose and time, Node the host name. */
  const strict: PeerCheck = {
    rejectUnauthorized: true,
    accept: (socket) => {
      if (!socket.authorized)
        throw new Error(`the broker's certificate was not verified: ${String(socket.authorizationError)}`);
      // Within the validity of a certificate that the CA signed: a clock this wrong at most is remembered.
      clock.learn(Date.now());
      health.clear("clock");
    },
  };

  const atFloor: PeerCheck = {
    rejectUnauthorized: false,
    accept: (socket, host) => {
      const leaf = socket.getPeerX509Certificate();
      if (!leaf) throw new Error("the broker showed no certificate");
      const floor = clock.floor();
      clock.learn(verifyAtFloor(leaf, identity.ca, host, floor));
      health.raise(
        "clock",
        `the system's clock cannot be right and network time did not set it; the broker's certificate was held against ` +
          `the last known time, ${new Date(floor).toISOString()}`,
      );
    },
  };

  return {
    next: async (url, signal) => {
      sayExpiry(identity, clock, health);
      if (clock.isBehind()) {
        // Network time first: it usually comes within seconds of the network.
        await clock.whenSet(patience, signal);
        patience = 0;
      }
      // Doubted once: the connection after it asks the system's clock again.
      const isDoubted = doubted.delete(url) && !clock.isSynchronised();
      return clock.isBehind() || isDoubted ? atFloor : strict;
    },
    failed: (url, error) => {
      if (ABOUT_TIME.includes((error as NodeJS.ErrnoException).code ?? "")) doubted.add(url);
    },
  };
}

/** Said, and nothing more: the broker decides, and a clock that is wrong must not keep the device from asking it. */
function sayExpiry({ certificate, name }: DeviceIdentity, clock: DeviceClock, health: Health): void {
  if (certificate === undefined) return;
  const { validTo } = new X509Certificate(certificate);
  if (Date.parse(validTo) >= clock.now()) return health.clear("certificate-expired");
  health.raise(
    "certificate-expired",
    `the certificate of '${name}' expired at ${validTo}; enrol the device again ('dmz enrol --force') and bring it the new ` +
      `bundle. Messages are kept until then`,
  );
}

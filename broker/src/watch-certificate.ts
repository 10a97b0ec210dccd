import type { X509Certificate } from "node:crypto";
import type { Logger } from "./logger";
import type { ServerCertificate } from "./server-certificate";

const DAY = 86_400_000;
const HOUR = 3_600_000;

/**
 * Days before its end from which a certificate is spoken of. The server's is renewed in its last 30 of 90 days, asked once
 * a week: with 20 left two attempts have failed. Below a CA stand certificates of a year, and none outlives it. A client
 * has a month to be enrolled again.
 */
export const EXPIRES_SOON_DAYS = { server: 20, certificateAuthority: 365, client: 30 } as const;

/** Whole days until a certificate ends, negative once it has; undefined if they are more than these. */
export function daysLeft(certificate: X509Certificate, most: number, now: Date): number | undefined {
  const days = Math.floor((Date.parse(certificate.validTo) - now.getTime()) / DAY);
  return days < most ? days : undefined;
}

export interface WatchCertificateProps {
  readonly certificate: () => ServerCertificate | undefined;
  readonly log: Logger;
  readonly now?: () => Date;
  /** Milliseconds. @default an hour */
  readonly everyMs?: number;
}

/**
 * Says at once and every hour that the server's certificate, or the CA that signed it, ends soon: nobody renewed it, and
 * nobody will notice before every client is refused. (That a former CA ends is what a rollover is for.) An alarm stands on
 * the line.
 * @returns stops it.
 */
export function watchCertificate(props: WatchCertificateProps): () => void {
  const { certificate, log, now = () => new Date(), everyMs = HOUR } = props;
  const say = (what: keyof typeof EXPIRES_SOON_DAYS, found: X509Certificate | undefined): void => {
    const days = found && daysLeft(found, EXPIRES_SOON_DAYS[what], now());
    if (days !== undefined) log.error({ what, days, notAfter: found?.validTo }, "certificate-expires");
  };
  const look = (): void => {
    const current = certificate();
    say("server", current?.leaf);
    say(
      "certificateAuthority",
      current?.trust.find((ca) => current.leaf.checkIssued(ca)),
    );
  };
  look();
  const timer = setInterval(look, everyMs);
  return () => clearInterval(timer);
}

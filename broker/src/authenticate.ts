import { timingSafeEqual, type X509Certificate } from "node:crypto";
import { ownsClientId } from "../../policy/client-id";
import type { PasswordRecord } from "../../policy/credentials";
import { topicFault } from "../../policy/topic-filter";
import { passwordHash } from "../../vault/password-hash";
import { verifyPassword } from "../../vault/verify-password";
import { topicSizeFault } from "./abuse/size-faults";
import { certificateFault, identityFault } from "./check-certificate";
import type { Identities } from "./material";

/** MQTT 3.1.1, table 3.1: CONNACK return codes. */
export const REFUSED = { identifier: 2, unavailable: 3, badUserNameOrPassword: 4, notAuthorized: 5 } as const;

/** What a CONNECT asks for. */
export interface ConnectRequest {
  readonly clientId: string;
  readonly userName: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly willTopic: string | undefined;
  /** As presented in the TLS handshake, or in the one that a resumed session comes from. */
  readonly certificate: X509Certificate | undefined;
}

/** What a connection was accepted on; held against every later change of credentials and access document. */
export interface Session {
  readonly name: string;
  readonly certificate: X509Certificate | undefined;
  /** The record that its password fitted. */
  readonly password: PasswordRecord;
}

export type ReturnCode = (typeof REFUSED)[keyof typeof REFUSED];

export interface Refusal {
  readonly returnCode: ReturnCode;
  readonly reason: string;
  /** Whoever asks did not prove to be the identity it names: counts as a failed login. */
  readonly unproven: boolean;
}

export type Verdict = { readonly session: Session } | Refusal;

/**
 * Decides on a CONNECT (promises P3, P4, P5; decisions 4 and 8). Pure. The password comes first: who has none learns
 * nothing about identities, certificates or topics.
 */
export function authenticate(
  request: ConnectRequest,
  identities: Identities,
  trust: readonly X509Certificate[],
  now: Date,
): Verdict {
  const { userName: name, password } = request;
  const record = name === undefined ? undefined : identities.credentials.get(name);
  // Always computed, also for nobody, so that the time tells nothing.
  const known = verifyPassword(record, password ?? "");
  const unproven = (returnCode: ReturnCode, reason: string): Refusal => ({ returnCode, reason, unproven: true });
  if (name === undefined) return unproven(REFUSED.badUserNameOrPassword, "no user name");
  if (password === undefined) return unproven(REFUSED.badUserNameOrPassword, "no password");
  const identity = identities.access.identity(name);
  if (!known || !record)
    return unproven(REFUSED.badUserNameOrPassword, record ? "wrong password" : "unknown user name");
  if (!identity) return unproven(REFUSED.notAuthorized, "not in the access document");

  const session: Session = { name, certificate: request.certificate, password: recordOf(record.passwords, password) };
  const fault = sessionFault(session, identities, trust, now);
  if (fault) return unproven(REFUSED.notAuthorized, fault);

  // It is who it says. What is wrong from here on is its configuration.
  const refused = (returnCode: ReturnCode, reason: string): Refusal => ({ returnCode, reason, unproven: false });
  if (!ownsClientId(identity, request.clientId))
    return refused(REFUSED.identifier, "the ClientId belongs to another identity");
  const { willTopic } = request;
  if (willTopic !== undefined) {
    const wrong =
      willFault(willTopic) ?? (identities.access.mayPublish(name, willTopic) ? undefined : "it may not publish there");
    if (wrong) return refused(REFUSED.notAuthorized, `will: ${wrong}`);
  }
  return { session };
}

/**
 * Why a session must end now, or could not begin: its identity is gone, its password was changed, its certificate was
 * revoked, has expired or lost its CA. Undefined: it may stay.
 */
export function sessionFault(
  session: Session,
  identities: Identities,
  trust: readonly X509Certificate[],
  now: Date,
): string | undefined {
  const { name, certificate, password } = session;
  const record = identities.credentials.get(name);
  const identity = identities.access.identity(name);
  if (!record || !identity) return "the identity is no longer declared";
  if (!record.passwords.some(({ hash, salt }) => hash === password.hash && salt === password.salt))
    return "its password was changed";
  if (!certificate)
    return identity.certificate === "required" ? "no client certificate, which this identity requires" : undefined;
  const fault = certificateFault(certificate, trust, now) ?? identityFault(certificate, name, record.validFrom);
  return fault && `certificate: ${fault}`;
}

/** `$` topics are the server's [MQTT-4.7.2-1]: no client publishes there, also not by its death. */
function willFault(topic: string): string | undefined {
  if (topic.startsWith("$")) return "'$' topics are the server's";
  return topicSizeFault(topic) ?? topicFault(topic);
}

/** Which of the records the password fits, once it is known that it fits one. */
function recordOf(records: readonly PasswordRecord[], password: Uint8Array): PasswordRecord {
  const fits = ({ salt, hash }: PasswordRecord): boolean =>
    timingSafeEqual(passwordHash(Buffer.from(salt, "base64url"), password), Buffer.from(hash, "base64url"));
  return records.find(fits)!;
}

import { X509Certificate } from "node:crypto";

import { showValue } from "../policy/show-value";
import type { Authority } from "./authority";
import { issueServerCertificate } from "./issue-server";
import { type Log, silent } from "./log";
import { parseServerCertificate, serverCertificateFault } from "./server-certificate-fault";
import { namesOf } from "./server-names";
import type { StagedSecret } from "./staged-secret";

export interface RotateProps {
  readonly site: string;
  /** What Secrets Manager asks for; the event's `Step`. */
  readonly step: string;
  /** The event's `ClientRequestToken`: id of the version that is to become current. */
  readonly token: string;
  /** Opens the CA; asked for in the steps that need it. */
  readonly authority: () => Promise<Authority>;
  /** @default the present */
  readonly now?: Date;
  readonly log?: Log;
}

/**
 * One step of rotating the server certificate, by Secrets Manager's protocol ("Lambda rotation functions" in its user
 * guide): createSecret, setSecret, testSecret, finishSecret. Each may come twice, or after another that failed half-way.
 * testSecret also comes alone, when rotation is switched on.
 * @throws when rotation is off, or the version or the step is not one that the protocol allows.
 */
export const rotate = async (secret: StagedSecret, props: RotateProps): Promise<void> => {
  const { step, token, log = silent } = props;
  const run = STEPS[step as Step] as ((secret: StagedSecret, props: RotateProps) => Promise<void>) | undefined;
  if (!Object.hasOwn(STEPS, step) || run === undefined) {
    throw new Error(`rotate: 'Step' must be one of ${Object.keys(STEPS).join(", ")}, got ${showValue(step)}`);
  }
  const { rotationEnabled, stages } = await secret.describe();
  if (!rotationEnabled) throw new Error(`secret '${secret.name}': rotation must be switched on, and is not`);
  const labels = stages.get(token);
  if (labels === undefined)
    throw new Error(`secret '${secret.name}': must have the version ${showValue(token)}, and has not`);
  if (labels.includes("AWSCURRENT")) {
    log("version is current already", { secret: secret.name, step, version: token });
    return;
  }
  if (!labels.includes("AWSPENDING")) {
    throw new Error(
      `secret '${secret.name}': version ${showValue(token)} must be labelled AWSPENDING, got ${labels.join(", ")}`,
    );
  }
  await run(secret, props);
};

const current = async (secret: StagedSecret): Promise<string> => {
  const value = await secret.read("AWSCURRENT");
  if (value === undefined)
    throw new Error(`secret '${secret.name}': must have a current value; initialise (deploy) the site first`);
  return value;
};

/** Two thirds of its life are over: of 90 days, 30 are left for rotations to fail in. */
const isDue = (certificate: X509Certificate, now: Date): boolean => {
  const begin = Date.parse(certificate.validFrom);
  const end = Date.parse(certificate.validTo);
  return end - now.getTime() <= (end - begin) / 3;
};

/**
 * What is pending must serve as well as what is current, which may have changed since: other names, another CA.
 * A version's value cannot be replaced, and while it is pending Secrets Manager begins no other rotation. So a version that
 * must not serve gives up its label, and the next rotation starts afresh ("RotateSecret" in the API reference).
 */
const requireServable = async (secret: StagedSecret, props: RotateProps, pending: string): Promise<void> => {
  const { token, now = new Date(), log = silent } = props;
  const served = parseServerCertificate(secret.name, await current(secret));
  const names = namesOf(new X509Certificate(served.certificate).raw);
  const content = parseServerCertificate(secret.name, pending);
  const fault = serverCertificateFault(content, await props.authority(), names, now);
  if (fault === undefined) return;
  await secret.discard(token);
  log("pending version given up", { secret: secret.name, version: token, reason: fault });
  throw new Error(
    `secret '${secret.name}': version ${token} must not be served: ${fault}; it is given up, rotate once more`,
  );
};

const createSecret = async (secret: StagedSecret, props: RotateProps): Promise<void> => {
  const { site, token, now = new Date(), log = silent } = props;
  const fields = { secret: secret.name, version: token };
  const pending = await secret.read("AWSPENDING", token);
  if (pending !== undefined) {
    await requireServable(secret, props, pending);
    log("pending version has its value already", fields);
    return;
  }
  const value = await current(secret);
  const content = parseServerCertificate(secret.name, value);
  const certificate = new X509Certificate(content.certificate);
  const names = namesOf(certificate.raw);
  const authority = await props.authority();
  const fault = serverCertificateFault(content, authority, names, now);
  if (fault === undefined && !isDue(certificate, now)) {
    await secret.putPending(token, value);
    log("nothing is due, current value kept", { ...fields, notAfter: certificate.validTo });
    return;
  }
  const issued = await issueServerCertificate(authority, site, names, now);
  await secret.putPending(token, JSON.stringify(issued));
  log("server certificate issued", {
    ...fields,
    reason: fault ?? "a third of its life is left",
    names: [...names.dns, ...names.ip],
  });
};

/** The broker reads its certificate from the secret: there is no other place to set it in. */
const setSecret = async (): Promise<void> => undefined;

const testSecret = async (secret: StagedSecret, props: RotateProps): Promise<void> => {
  const { token, now = new Date(), log = silent } = props;
  const pending = await secret.read("AWSPENDING", token);
  if (pending !== undefined) await requireServable(secret, props, pending);
  else {
    // Alone, it finds a pending version without a value: then what is served is what is tested.
    const served = parseServerCertificate(secret.name, await current(secret));
    const names = namesOf(new X509Certificate(served.certificate).raw);
    const fault = serverCertificateFault(served, await props.authority(), names, now);
    if (fault !== undefined) throw new Error(`secret '${secret.name}': what is current must not be served: ${fault}`);
  }
  log("pending version passes", { secret: secret.name, version: token });
};

const finishSecret = async (secret: StagedSecret, props: RotateProps): Promise<void> => {
  const { token, log = silent } = props;
  // Asked before what is current is read: if that changes in between, AWS refuses to move the label from here.
  const { stages } = await secret.describe();
  const from = [...stages].find(([, labels]) => labels.includes("AWSCURRENT"))?.[0];
  if (from === undefined) throw new Error(`secret '${secret.name}': must have a current version, and has none`);
  const pending = await secret.read("AWSPENDING", token);
  if (pending === undefined) throw new Error(`secret '${secret.name}': version ${token} must have a value first`);
  await requireServable(secret, props, pending);
  await secret.promote(from, token);
  log("server certificate rotated", { secret: secret.name, from, version: token });
};

const STEPS = { createSecret, setSecret, testSecret, finishSecret } as const;
type Step = keyof typeof STEPS;

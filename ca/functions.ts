import { secretName } from "../policy/deployment";
import { field } from "../policy/field";
import { showValue } from "../policy/show-value";
import { awsVault } from "../vault/aws";
import type { Vault } from "../vault/vault";
import { waitForAccess } from "../vault/wait-for-access";
import { activate as activateDocument, type ActivateResult } from "./activate";
import { openAuthority } from "./authority";
import { awsStagedSecret } from "./aws-staged-secret";
import { type CaConfig, readCaConfig } from "./config";
import { enrol as enrolIdentities, type EnrolResult } from "./enrol";
import { initialise as initialiseSite, type InitialiseResult } from "./initialise";
import type { Log } from "./log";
import { RefusedRequest } from "./refused-request";
import { rotate as rotateCertificate } from "./rotate";

/** The Lambda handlers: they read the environment and the event, and leave the rest to the library. */

/** Passwords and certificates of more would not fit the 6 MB of a Lambda function's answer. */
const ENROL_AT_ONCE = 1000;

const log: Log = (message, fields = {}) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), level: "info", message, ...fields }));

const config = (): CaConfig => readCaConfig(process.env);

/** For what an apply invokes right after it made the role. */
const patientVault = (site: string): Vault =>
  waitForAccess(awsVault({ site }), {
    onWait: ({ reason, secondsLeft }) => log("waiting for permissions to spread", { reason, secondsLeft }),
  });

/** Event: `{ dns, ip, credentialShards }`. The result lands in the Terraform state and holds fingerprints alone. */
export const initialise = async (event: unknown): Promise<InitialiseResult> => {
  const { site, host, credentialShards: declared } = config();
  const dns = field(event, "dns") as readonly string[];
  const credentialShards = field(event, "credentialShards") as number;
  const faults: string[] = [];
  if (Array.isArray(dns) && !dns.includes(host))
    faults.push(`dns: must name the site's host '${host}', got ${dns.join(", ")}`);
  if (credentialShards !== declared) {
    faults.push(`credentialShards: must be the declared ${declared}, got ${showValue(credentialShards)}`);
  }
  if (faults.length > 0) throw new RefusedRequest("initialise", faults);
  const ip = field(event, "ip") as readonly string[];
  return initialiseSite(patientVault(site), { site, dns, ip, credentialShards, log });
};

/** Event of Secrets Manager: `{ SecretId, ClientRequestToken, Step }`. */
export const rotate = async (event: unknown): Promise<void> => {
  const { site } = config();
  const name = secretName.serverCertificate(site);
  const arn = field(event, "SecretId");
  // Secrets Manager appends six random characters to a secret's name in its ARN.
  const ours = new RegExp(`^arn:[\\w-]+:secretsmanager:[\\w-]+:\\d{12}:secret:${name}-[A-Za-z0-9]{6}$`);
  if (typeof arn !== "string" || !ours.test(arn)) {
    throw new Error(`rotate: 'SecretId' must be the ARN of '${name}', got ${showValue(arn)}`);
  }
  const authority = async (): ReturnType<typeof openAuthority> => {
    const ca = secretName.certificateAuthority(site);
    const stored = await awsVault({ site }).read(ca);
    if (stored === undefined) throw new Error(`secret '${ca}': must have a value; initialise (deploy) the site first`);
    return openAuthority(ca, stored.value);
  };
  const step = String(field(event, "Step"));
  const token = String(field(event, "ClientRequestToken"));
  await rotateCertificate(awsStagedSecret(name, arn), { site, step, token, authority, log });
};

/** Event: `{ identities: [{ name, csr? }] }`. The answer holds the passwords: whoever invokes it must not log it. */
export const enrol = async (event: unknown): Promise<EnrolResult> => {
  const { site } = config();
  const identities = field(event, "identities") as readonly [];
  if (Array.isArray(identities) && identities.length > ENROL_AT_ONCE) {
    throw new RefusedRequest("enrol", [
      `identities: must be at most ${ENROL_AT_ONCE} at once, got ${identities.length}`,
    ]);
  }
  return enrolIdentities(awsVault({ site }), { site, identities, log });
};

/** Event: `{ shards: [{ versionId, sha256 }], sha256 }`. */
export const activate = async (event: unknown): Promise<ActivateResult> => {
  const { site, accessShards } = config();
  const shards = field(event, "shards") as readonly [];
  const sha256 = field(event, "sha256") as string;
  return activateDocument(patientVault(site), { site, accessShards, shards, sha256, log });
};

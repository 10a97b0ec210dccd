import { IDENTITY_NAME_RULE, isIdentityName } from "../policy/identity-name";
import { showValue } from "../policy/show-value";
import { acceptRequest } from "./accept-request";
import { RefusedRequest } from "./refused-request";
import type { x509 } from "./x509";

/** An identity to enrol; without a request it gets a password alone. */
export interface IdentityRequest {
  readonly name: string;
  /** PKCS#10 PEM, made where the key lives. */
  readonly csr?: string;
}

export interface AcceptedIdentity {
  readonly name: string;
  readonly publicKey?: InstanceType<typeof x509.PublicKey>;
}

/**
 * Checks a list of identities to enrol, as it came from outside.
 * @throws RefusedRequest with every fault of every entry.
 */
export const acceptIdentities = async (identities: unknown): Promise<AcceptedIdentity[]> => {
  if (!Array.isArray(identities) || identities.length === 0) {
    throw new RefusedRequest("enrol", [`identities: must be a list of at least one, got ${showValue(identities)}`]);
  }
  const faults: string[] = [];
  const seen = new Map<string, number>();
  const accepted: AcceptedIdentity[] = [];
  for (const [index, entry] of identities.entries()) {
    const path = `identities[${index}]`;
    if (typeof entry !== "object" || entry === null) {
      faults.push(`${path}: must be an object with 'name', got ${showValue(entry)}`);
      continue;
    }
    const { name, csr, ...others } = entry as Record<string, unknown>;
    for (const key of Object.keys(others)) faults.push(`${path}.${key}: is not known; 'name' and 'csr' are`);
    if (!isIdentityName(name)) {
      faults.push(`${path}.name: ${IDENTITY_NAME_RULE}, got ${showValue(name)}`);
    } else if (seen.has(name)) {
      faults.push(`${path}.name: must be listed once, got ${showValue(name)} also at identities[${seen.get(name)}]`);
    } else {
      seen.set(name, index);
    }
    let publicKey: AcceptedIdentity["publicKey"];
    if (typeof csr === "string") {
      publicKey = await acceptRequest(csr).catch((error: Error) => {
        faults.push(`${path}.csr: ${error.message}`);
        return undefined;
      });
    } else if (csr !== undefined) {
      faults.push(`${path}.csr: must be a PKCS#10 PEM text, got ${showValue(csr)}`);
    }
    accepted.push({ name: name as string, publicKey });
  }
  if (faults.length > 0) throw new RefusedRequest("enrol", faults);
  return accepted;
};

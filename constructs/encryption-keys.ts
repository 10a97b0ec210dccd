import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";
import type { Site } from "../policy/site";
import { accessKeyPolicy, dataKeyPolicy, vaultKeyPolicy } from "./key-policies";
import type { ServiceRoles } from "./service-roles";

export interface EncryptionKeysProps {
  readonly site: Site;
  readonly roles: ServiceRoles;
}

/**
 * A site's three customer-managed keys, each rotated every year.
 *
 * - `vault`: CA, server certificate and credential records. Only the CA functions and the broker decrypt, each only the
 *   secrets it needs, only through Secrets Manager.
 * - `access`: the access document. Also the deployer role decrypts, since Terraform reads it back.
 * - `data`: the message store, the logs and the topic of the alarms. EFS holds a grant, CloudWatch Logs is named for the
 *   site's log groups, CloudWatch for its alarms if they go to e-mail addresses.
 *
 * Administrators of the account manage the keys and cannot use them: a key's policy lists its users in full, and no IAM
 * policy adds to it. Costs 1 USD a key and month, and after each of the first two rotations 1 USD more.
 *
 *     const keys = new EncryptionKeys(this, "encryption-keys", { site, roles });
 *     new StateTable(this, "state-table", { site });
 */
export class EncryptionKeys extends Construct {
  readonly vault: KmsKey;
  readonly access: KmsKey;
  readonly data: KmsKey;

  constructor(scope: Construct, id: string, { site, roles }: EncryptionKeysProps) {
    super(scope, id);
    this.vault = key(this, "vault", site, "CA, server certificate and credentials", vaultKeyPolicy(site, roles));
    this.access = key(this, "access", site, "access document", accessKeyPolicy(site, roles));
    this.data = key(this, "data", site, "message store and logs", dataKeyPolicy(site));
  }
}

function key(scope: Construct, id: string, site: Site, what: string, policy: string): KmsKey {
  const permanent = site.lifetime === "permanent";
  const created = new KmsKey(scope, id, {
    description: `${site.name}: ${what}`,
    // Every year, KMS's default.
    enableKeyRotation: true,
    // KMS never deletes at once; 7 days is the least it takes.
    deletionWindowInDays: permanent ? 30 : 7,
    policy,
    lifecycle: permanent ? { preventDestroy: true } : undefined,
  });
  new KmsAlias(scope, `${id}-alias`, { name: `alias/${site.name}-${id}`, targetKeyId: created.keyId });
  return created;
}

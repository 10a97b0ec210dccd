import type { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { Construct } from "constructs";
import { secretName, shardCount } from "../policy/deployment";
import type { Site } from "../policy/site";
import type { EncryptionKeys } from "./encryption-keys";
import type { ServiceRoles } from "./service-roles";
import { siteSecret } from "./site-secret";

export interface CredentialsProps {
  readonly site: Site;
  readonly keys: EncryptionKeys;
  readonly roles: ServiceRoles;
}

/**
 * The containers of everything secret: the CA's key, the server certificate with its key, and the shards of credential
 * records (one for each 250 identities of the site's capacity).
 *
 * Terraform declares containers alone. The CA functions fill them, so no key and no password is ever in code, plan, state
 * or log (decision 4); a placeholder version would be worse than none, since a later apply could put it back as current.
 * The broker cannot read the CA secret. Costs 0.40 USD a secret and month.
 *
 *     const credentials = new Credentials(this, "credentials", { site, keys, roles });
 */
export class Credentials extends Construct {
  readonly certificateAuthority: SecretsmanagerSecret;
  readonly serverCertificate: SecretsmanagerSecret;
  /** In shard order. */
  readonly shards: readonly SecretsmanagerSecret[];

  constructor(scope: Construct, id: string, { site, keys, roles }: CredentialsProps) {
    super(scope, id);
    const { initialise, rotate, enrol, brokerTask } = roles;

    this.certificateAuthority = siteSecret(this, "certificate-authority", {
      site,
      name: secretName.certificateAuthority(site.name),
      description: "Key and certificate of the site's CA. Read by the CA functions alone.",
      key: keys.vault,
      readers: [initialise.arn, rotate.arn, enrol.arn],
      writers: [initialise.arn],
    });
    this.serverCertificate = siteSecret(this, "server-certificate", {
      site,
      name: secretName.serverCertificate(site.name),
      description: "The broker's key, certificate and trust bundle. Rotated when a third of its 90 days is left.",
      key: keys.vault,
      readers: [initialise.arn, rotate.arn, brokerTask.arn],
      writers: [initialise.arn, rotate.arn],
    });
    this.shards = Array.from({ length: shardCount(site.capacity).credentials }, (_, shard) =>
      siteSecret(this, `shard-${shard}`, {
        site,
        name: secretName.shard(site.name, "credentials", shard),
        description: "Salted password hashes and certificate validity of a share of the identities.",
        key: keys.vault,
        readers: [initialise.arn, enrol.arn, brokerTask.arn],
        writers: [initialise.arn, enrol.arn],
      }),
    );
  }
}

import { createHash } from "node:crypto";
import type { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { Construct } from "constructs";
import { deriveAccess, renderShard } from "../policy/derive-access";
import { secretName } from "../policy/deployment";
import type { Site } from "../policy/site";
import type { EncryptionKeys } from "./encryption-keys";
import { literal } from "./literal";
import type { ServiceRoles } from "./service-roles";
import { siteSecret } from "./site-secret";

export interface AccessDocumentProps {
  readonly site: Site;
  readonly keys: EncryptionKeys;
  readonly roles: ServiceRoles;
}

/** A shard as *activate* is told of it: the version that Terraform wrote, and the hash it must have. */
export interface WrittenShard {
  readonly versionId: string;
  /** Lower-case hex SHA-256 of the shard's exact bytes. */
  readonly sha256: string;
}

/**
 * The access document: who may connect, publish and subscribe, as the site declares it, in shards (one for each 500
 * identities of the site's capacity).
 *
 * Not secret, so Terraform writes the values themselves and a plan shows them; integrity-critical, so the deployer role
 * alone may write them, and nothing takes effect before *activate* has verified their hashes. Costs 0.40 USD a shard and
 * month.
 *
 *     const accessDocument = new AccessDocument(this, "access-document", { site, keys, roles });
 */
export class AccessDocument extends Construct {
  /** In shard order. */
  readonly shards: readonly SecretsmanagerSecret[];
  /** In shard order. */
  readonly written: readonly WrittenShard[];
  /** Hash of the whole: SHA-256 of the shards' hashes joined by commas, as in `Manifest`. */
  readonly sha256: string;

  constructor(scope: Construct, id: string, { site, keys, roles }: AccessDocumentProps) {
    super(scope, id);
    const rendered = deriveAccess(site).map(renderShard);
    this.shards = rendered.map((_, shard) =>
      siteSecret(this, `shard-${shard}`, {
        site,
        name: secretName.shard(site.name, "access", shard),
        description: "Roles of a share of the identities. Not secret; whoever writes it decides who may do what.",
        key: keys.access,
        readers: [site.aws.deployerRole, roles.activate.arn, roles.brokerTask.arn],
        writers: [site.aws.deployerRole],
      }),
    );
    this.written = rendered.map((text, shard) => {
      const secretId = this.shards[shard]!.id;
      const version = new SecretsmanagerSecretVersion(this, `shard-${shard}-version`, {
        secretId,
        secretString: literal(text),
      });
      return { versionId: version.versionId, sha256: sha256(text) };
    });
    this.sha256 = sha256(this.written.map((shard) => shard.sha256).join(","));
  }
}

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

import type { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import type { Construct } from "constructs";
import type { Site } from "../policy/site";
import { policyDocument } from "./policy-document";

export interface SiteSecretProps {
  readonly site: Site;
  readonly name: string;
  readonly description: string;
  readonly key: KmsKey;
  /** ARNs of the roles that may read the value: nobody else, whatever IAM allows them. */
  readonly readers: readonly string[];
  /** ARNs of the roles that may write the value. */
  readonly writers: readonly string[];
}

/**
 * A secret's container: encrypted under the site's key, closed to every principal but the named ones, protected from
 * deletion for 30 days on a permanent site. It declares no value.
 */
export function siteSecret(scope: Construct, id: string, props: SiteSecretProps): SecretsmanagerSecret {
  const { site, readers, writers } = props;
  const permanent = site.lifetime === "permanent";
  const nobodyBut = (principals: readonly string[]) => ({ ArnNotEquals: { "aws:PrincipalArn": principals } });
  return new SecretsmanagerSecret(scope, id, {
    name: props.name,
    description: props.description,
    kmsKeyId: props.key.arn,
    recoveryWindowInDays: permanent ? 30 : 0,
    policy: policyDocument(
      {
        Sid: "NobodyElseReads",
        Effect: "Deny",
        Principal: "*",
        Action: "secretsmanager:GetSecretValue",
        Resource: "*",
        Condition: nobodyBut(readers),
      },
      {
        Sid: "NobodyElseWrites",
        Effect: "Deny",
        Principal: "*",
        Action: ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"],
        Resource: "*",
        Condition: nobodyBut(writers),
      },
      {
        // Terraform changes the description through UpdateSecret. For a value it would need the key, which refuses it.
        Sid: "NobodyElseUpdates",
        Effect: "Deny",
        Principal: "*",
        Action: "secretsmanager:UpdateSecret",
        Resource: "*",
        Condition: nobodyBut([...new Set([...writers, site.aws.deployerRole])]),
      },
    ),
    lifecycle: permanent ? { preventDestroy: true } : undefined,
  });
}

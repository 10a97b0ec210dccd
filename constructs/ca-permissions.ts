import { itemKey, secretName, type ShardedDocument } from "../policy/deployment";
import type { Site } from "../policy/site";
import { onlyItems } from "./only-items";
import type { Statement } from "./policy-document";
import { secretArn } from "./secret-arn";

const READ = "secretsmanager:GetSecretValue";
const WRITE = "secretsmanager:PutSecretValue";

/**
 * What each CA function may call: exactly what it does call, which the end-to-end test records and compares. That the
 * roles may use the keys is in the keys' own policies and nowhere else.
 */
export function caPermissions(site: Site, tableArn: string) {
  const ca = secretArn(site, secretName.certificateAuthority(site.name));
  const server = secretArn(site, secretName.serverCertificate(site.name));
  const credentials = secretArn(site, `${site.name}/credentials/*`);
  const access = secretArn(site, `${site.name}/access/*`);
  return {
    initialise: [
      allow("FillsSecrets", [READ, WRITE], [ca, server, credentials]),
      movesManifest("credentials", tableArn),
    ],
    rotate: [
      allow("SignsWithTheCa", [READ], [ca]),
      allow(
        "RenewsTheServerCertificate",
        [READ, WRITE, "secretsmanager:DescribeSecret", "secretsmanager:UpdateSecretVersionStage"],
        [server],
      ),
    ],
    enrol: [
      allow("SignsWithTheCa", [READ], [ca]),
      allow("WritesCredentials", [READ, WRITE], [credentials]),
      movesManifest("credentials", tableArn),
    ],
    activate: [allow("VerifiesTheAccessDocument", [READ], [access]), movesManifest("access", tableArn)],
  } as const satisfies Record<string, readonly Statement[]>;
}

const allow = (sid: string, actions: readonly string[], resources: readonly string[]): Statement => ({
  Sid: sid,
  Effect: "Allow",
  Action: actions,
  Resource: resources,
});

const movesManifest = (document: ShardedDocument, tableArn: string): Statement => ({
  ...allow("MovesTheManifest", ["dynamodb:GetItem", "dynamodb:PutItem"], [tableArn]),
  Condition: onlyItems(itemKey.manifest(document)),
});

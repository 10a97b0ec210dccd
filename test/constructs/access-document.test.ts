import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { AccessDocument } from "../../constructs/access-document";
import { EncryptionKeys } from "../../constructs/encryption-keys";
import { ServiceRoles } from "../../constructs/service-roles";
import { deriveAccess, renderShard } from "../../policy/derive-access";
import type { Identity, Site } from "../../policy/site";
import { testSite } from "../site";
import { synth } from "../synth";
import { statements } from "./statements";

const DEPLOYER = "arn:aws:iam::123456789012:role/deployer";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const gateway = (name: string, publish: readonly string[]): Identity => {
  const role = { id: "raw:test", template: "raw", grants: { publish, subscribe: [] }, sharedReads: [] } as const;
  return { name, kind: "edge", certificate: "required", role };
};

const documentOf = (site: Site) => {
  let document: AccessDocument | undefined;
  const synthesized = synth((stack) => {
    const roles = new ServiceRoles(stack, "service-roles", { site });
    const keys = new EncryptionKeys(stack, "keys", { site, roles });
    document = new AccessDocument(stack, "access", { site, keys, roles });
  });
  return { ...synthesized, document: document! };
};

describe("AccessDocument", () => {
  const site = testSite({ capacity: 1000, identities: [gateway("gw", ["plant/{id}/data"])] });

  test("has one secret with its value a shard, as the site derives them", () => {
    const { all } = documentOf(site);
    const values = all("aws_secretsmanager_secret_version").map(({ secret_string }) => secret_string);
    expect(values).toEqual(deriveAccess(site).map(renderShard));
    expect(all("aws_secretsmanager_secret").map(({ name }) => name)).toEqual(["plant/access/0", "plant/access/1"]);
  });

  test("tells of each shard the hash of its exact bytes, and of the whole the hash of those", () => {
    const { document } = documentOf(site);
    const hashes = deriveAccess(site).map((shard) => sha256(renderShard(shard)));
    expect(document.written.map((shard) => shard.sha256)).toEqual(hashes);
    expect(document.sha256).toBe(sha256(hashes.join(",")));
  });

  test("a topic that looks like a Terraform expression stays a topic", () => {
    const odd = testSite({ identities: [gateway("gw", ['{id}/${file("/etc/passwd")}/%{if true}'])] });
    const { all } = documentOf(odd);
    const [version] = all("aws_secretsmanager_secret_version");
    expect(version!.secret_string).toContain('$${file(\\"/etc/passwd\\")}/%%{if true}');
    expect(String(version!.secret_string).replaceAll("$${", "${").replaceAll("%%{", "%{")).toBe(
      renderShard(deriveAccess(odd)[0]!),
    );
  });

  test("the deployer alone may write it, and broker, activate and deployer alone may read it", () => {
    const { all, ref } = documentOf(site);
    const role = (id: string) => ref(`service-roles/${id}`, "arn");
    for (const secret of all("aws_secretsmanager_secret")) {
      const denials = statements(secret);
      expect(denials.map(({ Effect }) => Effect)).toEqual(["Deny", "Deny", "Deny"]);
      expect(denials.map(({ Condition }) => Condition.ArnNotEquals!["aws:PrincipalArn"])).toEqual([
        [DEPLOYER, role("activate"), role("broker-task")],
        [DEPLOYER],
        [DEPLOYER],
      ]);
    }
  });

  test("is encrypted under the access key, which the vault's readers do not hold", () => {
    const { all, ref } = documentOf(site);
    for (const secret of all("aws_secretsmanager_secret")) expect(secret.kms_key_id).toBe(ref("keys/access", "arn"));
  });
});

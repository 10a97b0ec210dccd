import { describe, expect, test } from "@jest/globals";
import { EncryptionKeys } from "../../constructs/encryption-keys";
import { ServiceRoles } from "../../constructs/service-roles";
import type { Site } from "../../policy/site";
import { testSite } from "../site";
import { synth } from "../synth";
import { matches, statements } from "./statements";

const KEYS = ["vault", "access", "data"] as const;
const ROOT = "arn:aws:iam::123456789012:root";
const DEPLOYER = "arn:aws:iam::123456789012:role/deployer";
const secret = (name: string) => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:plant/${name}-AbCdEf`;

const keysOf = (site: Site = testSite()) => {
  const synthesized = synth((stack) => {
    const roles = new ServiceRoles(stack, "service-roles", { site });
    new EncryptionKeys(stack, "keys", { site, roles });
  });
  const role = (id: string) => synthesized.ref(`service-roles/${id}`, "arn");
  const policy = (key: string) => statements(synthesized.at(`keys/${key}`));
  /** Who decrypts a secret under a key, by the key's policy. */
  const readers = (key: string, name: string) =>
    policy(key)
      .filter(({ Effect, actions }) => Effect === "Allow" && actions.some((action) => matches(action, "kms:Decrypt")))
      .filter(({ Condition }) => {
        const allowed = Condition.ArnLike?.["kms:EncryptionContext:SecretARN"];
        const trial = Condition.StringEquals?.["kms:EncryptionContext:SecretVersionId"];
        return allowed === undefined ? trial === undefined : matches(allowed, secret(name));
      })
      .flatMap(({ principals }) => principals);
  return { ...synthesized, role, policy, readers };
};

describe("EncryptionKeys", () => {
  test.each(KEYS)("the %s key is rotated", (key) => {
    expect(keysOf().at(`keys/${key}`)).toMatchObject({ enable_key_rotation: true });
  });

  test.each(KEYS)("administrators cannot use the %s key, nor grant its use", (key) => {
    const administrators = keysOf()
      .policy(key)
      .filter(({ principals }) => principals.includes(ROOT));
    const used = [
      "kms:Decrypt",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:GenerateDataKeyPair",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
      "kms:CreateGrant",
    ];
    expect(administrators).toHaveLength(1);
    for (const { actions } of administrators) {
      expect(used.filter((action) => matches(actions, action))).toEqual([]);
      expect(actions).toContain("kms:PutKeyPolicy");
    }
  });

  test.each(KEYS)("the %s key's policy names each action in full and no anonymous principal", (key) => {
    for (const { actions, principals } of keysOf().policy(key)) {
      expect(actions.filter((action) => action.includes("*"))).toEqual([]);
      expect(principals).not.toContain("*");
    }
  });

  test("the CA secret can be decrypted for the three functions that sign or create, and not for the broker", () => {
    const { readers, role } = keysOf();
    expect(readers("vault", "ca").sort()).toEqual([role("initialise"), role("rotate"), role("enrol")].sort());
  });

  test("credentials and server certificate can be decrypted for the broker, and not for the deployer", () => {
    const { readers, role } = keysOf();
    expect(readers("vault", "credentials/7").sort()).toEqual(
      [role("initialise"), role("enrol"), role("broker-task")].sort(),
    );
    expect(readers("vault", "server-certificate").sort()).toEqual(
      [role("initialise"), role("rotate"), role("broker-task")].sort(),
    );
  });

  test("the access document can be decrypted for deployer, activate and broker, and for no CA function that signs", () => {
    const { readers, role } = keysOf();
    expect(readers("access", "access/0").sort()).toEqual([DEPLOYER, role("activate"), role("broker-task")].sort());
    expect(readers("access", "ca")).toEqual([]);
    expect(readers("vault", "access/0")).toEqual([]);
  });

  test.each(["vault", "access"])("the %s key is used through Secrets Manager alone", (key) => {
    const users = keysOf()
      .policy(key)
      .filter(({ principals }) => !principals.includes(ROOT));
    for (const { Condition } of users)
      expect(Condition.StringEquals?.["kms:ViaService"]).toBe("secretsmanager.eu-central-1.amazonaws.com");
  });

  test("the deployer's only use of the vault key is the trial by which Secrets Manager lets it create secrets", () => {
    const deployer = keysOf()
      .policy("vault")
      .filter(({ principals }) => principals.includes(DEPLOYER));
    expect(deployer.map(({ Condition }) => Condition.StringEquals)).toEqual([
      {
        "kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com",
        "kms:EncryptionContext:SecretVersionId": "RequestToValidateKeyAccess",
      },
    ]);
  });

  test("CloudWatch Logs may use the data key for this site's log groups and for no other site's", () => {
    const logs = keysOf()
      .policy("data")
      .filter(({ principals }) => principals.includes("logs.eu-central-1.amazonaws.com"));
    const context = logs.map(({ Condition }) => Condition.ArnLike!["kms:EncryptionContext:aws:logs:arn"]!);
    const group = (name: string) => `arn:aws:logs:eu-central-1:123456789012:log-group:${name}`;
    expect(context).toHaveLength(1);
    for (const name of [
      "/mqtt-dmz/plant/broker",
      "/mqtt-dmz/plant/flows",
      "/aws/vendedlogs/mqtt-dmz/plant/dns",
      "/aws/lambda/plant-ca-initialise",
      "/aws/lambda/plant-ca-rotate",
      "/aws/lambda/plant-ca-enrol",
      "/aws/lambda/plant-ca-activate",
    ])
      expect(matches(context[0]!, group(name))).toBe(true);
    expect(matches(context[0]!, group("/mqtt-dmz/plant2/broker"))).toBe(false);
  });

  test("a grant on the data key can be made for AWS's own file system alone", () => {
    const grants = keysOf()
      .policy("data")
      .filter(({ actions }) => actions.includes("kms:CreateGrant"));
    expect(grants.map(({ Condition }) => Condition)).toEqual([
      {
        StringEquals: { "kms:ViaService": "elasticfilesystem.eu-central-1.amazonaws.com" },
        Bool: { "kms:GrantIsForAWSResource": "true" },
      },
    ]);
  });

  test("a permanent site's keys refuse to be destroyed; an ephemeral site's go as soon as KMS lets them", () => {
    const permanent = keysOf(testSite({ lifetime: "permanent" }));
    const ephemeral = keysOf(testSite({ lifetime: "ephemeral" }));
    for (const key of KEYS) {
      expect(permanent.at(`keys/${key}`)).toMatchObject({
        lifecycle: { prevent_destroy: true },
        deletion_window_in_days: 30,
      });
      expect(ephemeral.at(`keys/${key}`)).not.toHaveProperty("lifecycle");
      expect(ephemeral.at(`keys/${key}`)).toMatchObject({ deletion_window_in_days: 7 });
    }
  });
});

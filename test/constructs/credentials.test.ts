import { describe, expect, test } from "@jest/globals";
import { Credentials } from "../../constructs/credentials";
import { EncryptionKeys } from "../../constructs/encryption-keys";
import { ServiceRoles } from "../../constructs/service-roles";
import type { Site } from "../../policy/site";
import { testSite } from "../site";
import { synth } from "../synth";
import { statements } from "./statements";

const DEPLOYER = "arn:aws:iam::123456789012:role/deployer";

const credentialsOf = (site: Site = testSite()) => {
  const synthesized = synth((stack) => {
    const roles = new ServiceRoles(stack, "service-roles", { site });
    const keys = new EncryptionKeys(stack, "keys", { site, roles });
    new Credentials(stack, "credentials", { site, keys, roles });
  });
  const roles = (...ids: string[]) => ids.map((id) => synthesized.ref(`service-roles/${id}`, "arn"));
  /** Whom the resource policy of a secret lets do something: everybody else is denied. */
  const spared = (id: string, action: string) => {
    const denials = statements(synthesized.at(`credentials/${id}`)).filter(({ actions }) => actions.includes(action));
    expect(denials).toHaveLength(1);
    expect(denials[0]).toMatchObject({ Effect: "Deny", principals: ["*"], resources: ["*"] });
    return denials[0]!.Condition.ArnNotEquals!["aws:PrincipalArn"];
  };
  return { ...synthesized, roles, spared };
};

describe("Credentials", () => {
  test("declares containers and no value: nothing that Terraform writes could end up in code, plan or state", () => {
    const { all, json } = credentialsOf();
    expect(all("aws_secretsmanager_secret_version")).toEqual([]);
    expect(JSON.stringify(json)).not.toContain("secret_string");
  });

  test("has the names by which functions and broker look for them", () => {
    const { all } = credentialsOf(testSite({ capacity: 750 }));
    expect(all("aws_secretsmanager_secret").map(({ name }) => name)).toEqual([
      "plant/ca",
      "plant/server-certificate",
      "plant/credentials/0",
      "plant/credentials/1",
      "plant/credentials/2",
    ]);
  });

  test("each is encrypted under the vault key", () => {
    const { all, ref } = credentialsOf();
    for (const secret of all("aws_secretsmanager_secret")) expect(secret.kms_key_id).toBe(ref("keys/vault", "arn"));
  });

  test("nobody but the signing functions reads the CA secret, whatever IAM says, and initialise alone writes it", () => {
    const { spared, roles } = credentialsOf();
    const read = spared("certificate-authority", "secretsmanager:GetSecretValue");
    expect(read).toEqual(roles("initialise", "rotate", "enrol"));
    expect(read).not.toContain(roles("broker-task")[0]);
    expect(spared("certificate-authority", "secretsmanager:PutSecretValue")).toEqual(roles("initialise"));
  });

  test("the deployer and everybody else are kept from the credential records", () => {
    const { spared, roles } = credentialsOf();
    expect(spared("shard-0", "secretsmanager:GetSecretValue")).toEqual(roles("initialise", "enrol", "broker-task"));
    expect(spared("shard-0", "secretsmanager:PutSecretValue")).toEqual(roles("initialise", "enrol"));
  });

  test("whoever may enrol cannot put a server certificate in force", () => {
    const { spared, roles } = credentialsOf();
    const [enrol] = roles("enrol");
    for (const action of ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"])
      expect(spared("server-certificate", action)).not.toContain(enrol);
  });

  test("the deployer may change a description, which Secrets Manager calls an update", () => {
    const { spared, roles } = credentialsOf();
    expect(spared("shard-0", "secretsmanager:UpdateSecret")).toEqual([...roles("initialise", "enrol"), DEPLOYER]);
  });

  test("a permanent site's secrets can be taken back for 30 days; an ephemeral site's are gone at once", () => {
    const permanent = credentialsOf(testSite({ lifetime: "permanent" }));
    for (const secret of permanent.all("aws_secretsmanager_secret"))
      expect(secret).toMatchObject({ recovery_window_in_days: 30, lifecycle: { prevent_destroy: true } });
    for (const secret of credentialsOf().all("aws_secretsmanager_secret")) {
      expect(secret).toMatchObject({ recovery_window_in_days: 0 });
      expect(secret).not.toHaveProperty("lifecycle");
    }
  });
});

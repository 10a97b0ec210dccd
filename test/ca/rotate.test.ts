import { X509Certificate } from "node:crypto";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { acceptRequest } from "../../ca/accept-request";
import { type Authority, openAuthority } from "../../ca/authority";
import { awsStagedSecret } from "../../ca/aws-staged-secret";
import { createCertificateAuthority } from "../../ca/certificate-authority";
import { createKeyAndRequest } from "../../ca/csr";
import { initialise } from "../../ca/initialise";
import { issueClientCertificate } from "../../ca/issue-client";
import { issueServerCertificate } from "../../ca/issue-server";
import { rotate } from "../../ca/rotate";
import { namesOf } from "../../ca/server-names";
import type { ServerCertificateSecret } from "../../policy/deployment";
import { awsVault } from "../../vault/aws";
import type { Vault } from "../../vault/vault";
import { type DeployedSite, deployedSite, INITIALISE } from "./deployed-site";
import { SITE } from "./local-vault";

const SECRET = `${SITE}/server-certificate`;
const TOKEN = "11111111-1111-4111-8111-111111111111";
const OTHER = "22222222-2222-4222-8222-222222222222";
const ALL = ["createSecret", "setSecret", "testSecret", "finishSecret"];
const DAY = 86_400_000;

let site: DeployedSite;
let vault: Vault;
beforeEach(async () => {
  site = await deployedSite();
  vault = awsVault({ site: SITE });
  await initialise(vault, { site: SITE, ...INITIALISE });
  site.aws.secrets.enableRotation(SECRET);
});
afterEach(() => site.close());

const authority = async (): Promise<Authority> => openAuthority(`${SITE}/ca`, (await vault.read(`${SITE}/ca`))!.value);
const run = async (steps: readonly string[], days = 0, token = TOKEN): Promise<void> => {
  const now = new Date(Date.now() + days * DAY);
  const secret = awsStagedSecret(SECRET, site.serverCertificate);
  for (const step of steps) await rotate(secret, { site: SITE, step, token, authority, now });
};
const announce = (token = TOKEN, stage?: string): void => site.aws.secrets.announce(SECRET, token, stage);
const stages = (): Readonly<Record<string, string>> => site.aws.secrets.stages(SECRET);
const served = async (versionId?: string): Promise<ServerCertificateSecret> =>
  JSON.parse((await vault.read(SECRET, versionId))!.value) as ServerCertificateSecret;

describe("rotating the server certificate", () => {
  test("copies the current value when more than a third of its life is left", async () => {
    const before = await served();
    const first = stages()["AWSCURRENT"];
    announce();
    await run(ALL, 59);
    expect(stages()).toMatchObject({ AWSCURRENT: TOKEN, AWSPREVIOUS: first });
    expect(await served()).toEqual(before);
  });

  test("issues a new key and certificate for the same names when it is due", async () => {
    const before = await served();
    announce();
    await run(ALL, 61);
    const after = await served();
    const [old, now] = [new X509Certificate(before.certificate), new X509Certificate(after.certificate)];
    expect(after.key).not.toBe(before.key);
    expect(namesOf(now.raw)).toEqual(namesOf(old.raw));
    expect(Date.parse(now.validTo) - Date.parse(old.validTo)).toBeGreaterThan(60 * DAY);
    expect(after.trust).toEqual(before.trust);
    expect(stages()["AWSCURRENT"]).toBe(TOKEN);
  });

  test("issues a new one at once when the CA is another", async () => {
    await vault.write(`${SITE}/ca`, JSON.stringify(await createCertificateAuthority(SITE, new Date())));
    announce();
    await run(ALL);
    expect((await served()).trust).toEqual((await authority()).trust);
  });

  test("nobody is served the new one before the last step", async () => {
    const before = await served();
    announce();
    await run(ALL.slice(0, 3), 61);
    expect(await served()).toEqual(before);
    expect((await served(TOKEN)).key).not.toBe(before.key);
  });

  test("each step may come twice: the pending key stays the same and the end is the same", async () => {
    announce();
    await run(["createSecret"], 61);
    const pending = await served(TOKEN);
    await run(
      ["createSecret", "createSecret", "setSecret", "setSecret", "testSecret", "testSecret", "finishSecret"],
      61,
    );
    await run(["finishSecret", ...ALL], 61);
    expect(await served()).toEqual(pending);
    expect(stages()["AWSCURRENT"]).toBe(TOKEN);
  });

  test("a rotation that was given up half-way does not hinder the next", async () => {
    announce();
    await run(["createSecret", "setSecret"], 61);
    announce(OTHER);
    await run(ALL, 61, OTHER);
    expect(stages()["AWSCURRENT"]).toBe(OTHER);
  });

  describe("a rotation that died after it issued, before a deployment with other names,", () => {
    const renamed = { ...INITIALISE, dns: ["other.plant1.example"] };
    const redeploy = async (): Promise<ServerCertificateSecret> => {
      await initialise(vault, { site: SITE, ...renamed });
      return served();
    };

    test.each(["createSecret", "testSecret", "finishSecret"])(
      "is given up in %s, and the next one succeeds",
      async (step) => {
        announce();
        await run(["createSecret"], 61);
        const deployed = await redeploy();
        const first = stages()["AWSCURRENT"];
        await expect(run([step], 61)).rejects.toThrow(
          /must not be served: certifies .*; it is given up, rotate once more$/,
        );
        // Secrets Manager begins no other rotation while a version other than the current one is pending.
        expect(stages()).toMatchObject({ AWSCURRENT: first });
        expect(stages()).not.toHaveProperty("AWSPENDING");
        expect(await served()).toEqual(deployed);

        announce(OTHER);
        await run(ALL, 61, OTHER);
        expect(stages()["AWSCURRENT"]).toBe(OTHER);
        expect(namesOf(new X509Certificate((await served()).certificate).raw).dns).toEqual(renamed.dns);
      },
    );

    test("is refused when Secrets Manager tries it again", async () => {
      announce();
      await run(["createSecret"], 61);
      await redeploy();
      await expect(run(ALL, 61)).rejects.toThrow("it is given up");
      await expect(run(ALL, 61)).rejects.toThrow(`must have the version "${TOKEN}"`);
      expect(stages()["AWSCURRENT"]).not.toBe(TOKEN);
    });
  });

  test("a version without a value is never made current", async () => {
    announce();
    await expect(run(["finishSecret"])).rejects.toThrow("must have a value first");
  });

  test("a value that is already there is put again without harm when the answer was lost", async () => {
    announce();
    site.aws.loseAnswer("PutSecretValue");
    await run(ALL, 61);
    expect(stages()["AWSCURRENT"]).toBe(TOKEN);
  });

  test.each(ALL)("%s for the version that is current already does nothing", async (step) => {
    const before = stages();
    site.aws.calls.length = 0;
    await run([step], 61, before["AWSCURRENT"]);
    expect(site.aws.calls).toEqual(["DescribeSecret"]);
    expect(stages()).toEqual(before);
  });

  test("testSecret passes alone, with a pending version that has no value yet", async () => {
    announce();
    await run(["testSecret"]);
    expect(stages()["AWSCURRENT"]).not.toBe(TOKEN);
  });

  test("testSecret alone fails when what is served has expired", async () => {
    announce();
    await expect(run(["testSecret"], 91)).rejects.toThrow("what is current must not be served: valid from");
  });

  describe("testSecret refuses a pending version", () => {
    const pending = async (content: ServerCertificateSecret): Promise<void> => {
      announce();
      await awsStagedSecret(SECRET, site.serverCertificate).putPending(TOKEN, JSON.stringify(content));
    };
    const issued = async (changes: Partial<typeof INITIALISE> = {}, by?: Authority): Promise<ServerCertificateSecret> =>
      issueServerCertificate(by ?? (await authority()), SITE, { ...INITIALISE, ...changes }, new Date());

    test("of another CA", async () => {
      const secret = await createCertificateAuthority(SITE, new Date());
      const stranger = await openAuthority("x", JSON.stringify(secret));
      await pending({ ...(await issued({}, stranger)), trust: (await authority()).trust });
      await expect(run(["testSecret"])).rejects.toThrow("not issued by the site's present CA");
    });

    test("with another trust bundle", async () => {
      const { certificate } = await createCertificateAuthority(SITE, new Date());
      await pending({ ...(await issued()), trust: [certificate] });
      await expect(run(["testSecret"])).rejects.toThrow("the trust bundle is not the CA's");
    });

    test("with a key that is not its own", async () => {
      await pending({ ...(await issued()), key: (await issued()).key });
      await expect(run(["testSecret"])).rejects.toThrow("the private key is not the certificate's");
    });

    test("that is a client's certificate", async () => {
      const { key, csr } = await createKeyAndRequest("gw-1");
      const publicKey = await acceptRequest(csr);
      const now = new Date();
      const certificate = await issueClientCertificate(await authority(), {
        name: "gw-1",
        publicKey,
        validFrom: 0,
        now,
      });
      await pending({ ...(await issued()), key, certificate });
      await expect(run(["testSecret"])).rejects.toThrow("not for server authentication");
    });

    test.each([
      ["fewer", { dns: ["mqtt.plant1.example"] }],
      ["more", { dns: [...INITIALISE.dns, "bank.example"] }],
    ])("with %s names than the one that is served", async (_, changes) => {
      await pending(await issued(changes));
      await expect(run(["testSecret"])).rejects.toThrow(
        /must not be served: certifies .*, not mqtt.plant1.example, nlb.example, 192.0.2.7; it is given up/,
      );
    });

    test("that is not valid now", async () => {
      await pending(await issued());
      await expect(run(["testSecret"], 91)).rejects.toThrow("not now");
    });

    test("without quoting its key", async () => {
      const content = await issued();
      await pending({ ...content, certificate: content.key });
      const error = (await run(["testSecret"]).catch((caught: unknown) => caught)) as Error;
      expect(error.message).toContain("key or certificate is not PEM");
      expect(error.stack).not.toContain(content.key.split("\n")[1]);
    });
  });

  test.each(ALL)("%s is refused while rotation is off", async (step) => {
    const other = site.aws.secrets.declare(`${SITE}/other`);
    site.aws.secrets.announce(`${SITE}/other`, TOKEN);
    const props = { site: SITE, step, token: TOKEN, authority };
    await expect(rotate(awsStagedSecret("other", other), props)).rejects.toThrow("rotation must be switched on");
  });

  test.each(ALL)("%s is refused for a version that was not announced", async (step) => {
    await expect(run([step])).rejects.toThrow(`must have the version "${TOKEN}"`);
  });

  test.each(ALL)("%s is refused for a version that is neither pending nor current", async (step) => {
    announce(TOKEN, "SOMETHING");
    await expect(run([step])).rejects.toThrow("must be labelled AWSPENDING, got SOMETHING");
  });

  test.each(["deleteSecret", "toString", "__proto__", ""])("the step %j is refused", async (step) => {
    announce();
    await expect(run([step])).rejects.toThrow(
      "'Step' must be one of createSecret, setSecret, testSecret, finishSecret",
    );
  });

  test("calls exactly four operations", async () => {
    site.aws.calls.length = 0;
    announce();
    await run(ALL, 61);
    const expected = ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"];
    expect([...new Set(site.aws.calls)].sort()).toEqual(expected);
  });
});

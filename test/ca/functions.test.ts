import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import timers from "node:timers/promises";
import { promisify } from "node:util";

import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { buildSync } from "esbuild";

import { createKeyAndRequest } from "../../ca/csr";
import { activate, enrol, initialise, rotate } from "../../ca/functions";
import { CA_ENV } from "../../policy/deployment";
import { awsVault } from "../../vault/aws";
import { documentSha256 } from "../../vault/next-manifest";
import { sha256Hex } from "../../vault/sha256-hex";
import { temporaryFolder } from "../vault/temporary-folder";
import { type DeployedSite, deployedSite, INITIALISE } from "./deployed-site";
import { SITE } from "./local-vault";

const TOKEN = "11111111-1111-4111-8111-111111111111";

let site: DeployedSite;
let lines: string[];
beforeEach(async () => {
  site = await deployedSite();
  lines = [];
  jest.spyOn(console, "log").mockImplementation((line: unknown) => void lines.push(String(line)));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await site.close();
});

/** Anything of which a leak would be a leak: every line of every key, and every stored hash. */
const secrets = (): string[] =>
  site.aws.secrets
    .values()
    .flatMap((value) => [
      ...[...value.matchAll(/PRIVATE KEY-----\\n(.*?)\\n-----END/g)].flatMap(([, body]) => body!.split("\\n")),
      ...[...value.matchAll(/"(?:hash|salt)":"([^"]+)"/g)].map(([, hash]) => hash!),
    ]);

const activation = async (): Promise<{ shards: { versionId: string; sha256: string }[]; sha256: string }> => {
  const document = { version: 1, site: SITE, shard: 0, shards: 1, roles: {}, identities: [] };
  const text = JSON.stringify(document);
  const versionId = await awsVault({ site: SITE }).write(`${SITE}/access/0`, text);
  const shards = [{ versionId, sha256: sha256Hex(text) }];
  return { shards, sha256: documentSha256(shards) };
};

describe("the CA functions", () => {
  test("play together: initialise, enrol, activate and rotate", async () => {
    const { csr } = await createKeyAndRequest("gw-1");
    expect((await initialise(INITIALISE)).changed).toContain("certificate-authority");
    expect(await enrol({ identities: [{ name: "gw-1", csr }] })).toMatchObject({ sequence: 2 });
    expect(await activate(await activation())).toEqual({ sequence: 1 });
    site.aws.secrets.enableRotation(`${SITE}/server-certificate`);
    site.aws.secrets.announce(`${SITE}/server-certificate`, TOKEN);
    for (const Step of ["createSecret", "setSecret", "testSecret", "finishSecret"]) {
      await rotate({ SecretId: site.serverCertificate, ClientRequestToken: TOKEN, Step });
    }
    expect(site.aws.secrets.stages(`${SITE}/server-certificate`)["AWSCURRENT"]).toBe(TOKEN);
    expect((await initialise(INITIALISE)).changed).toEqual([]);
  });

  test("log JSON lines, and nothing secret in any of them nor in what initialise returns", async () => {
    const result = await initialise(INITIALISE);
    const { identities } = await enrol({ identities: [{ name: "gw-1" }] });
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ level: "info", message: expect.any(String) as unknown });
    const said = [...lines, JSON.stringify(result)].join("\n");
    expect(lines.length).toBeGreaterThan(3);
    expect(secrets().length).toBeGreaterThan(6);
    for (const secret of [...secrets(), identities[0]!.password, "PRIVATE KEY", "not-to-be-logged"])
      expect(said).not.toContain(secret);
  });

  test("initialise returns fingerprints and nothing else", async () => {
    const result = await initialise(INITIALISE);
    expect(Object.keys(result).sort()).toEqual(["certificateAuthority", "changed", "notAfter", "serverCertificate"]);
    for (const print of [result.certificateAuthority, result.serverCertificate])
      expect(print).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });

  test("initialise refuses names without the site's host, and another count than the declared", async () => {
    const event = { ...INITIALISE, dns: ["bank.example"], credentialShards: 3 };
    await expect(initialise(event)).rejects.toThrow(
      /^initialise: 2 faults.*\n- dns: must name the site's host 'mqtt.plant1.example', got bank.example\n- credentialShards: must be the declared 2, got 3$/,
    );
    await expect(initialise({ credentialShards: 2 })).rejects.toThrow("dns: must be a list of host names");
    expect(site.aws.calls).toEqual([]);
  });

  test("rotate refuses a secret that is not the site's server certificate", async () => {
    const others = ["plant1/ca", "plant2/server-certificate", "plant1/server-certificate/x"].map((name) =>
      site.aws.secrets.declare(name),
    );
    for (const SecretId of [...others, `${SITE}/server-certificate`, undefined]) {
      const event = { SecretId, ClientRequestToken: TOKEN, Step: "createSecret" };
      await expect(rotate(event)).rejects.toThrow("'SecretId' must be the ARN of 'plant1/server-certificate'");
    }
    expect(site.aws.calls).toEqual([]);
  });

  test("enrol refuses more identities than its answer can carry", async () => {
    const identities = Array.from({ length: 1001 }, (_, i) => ({ name: `gw-${i}` }));
    await expect(enrol({ identities })).rejects.toThrow("identities: must be at most 1000 at once, got 1001");
  });

  test("report every fault of their environment at once", async () => {
    process.env[CA_ENV.site] = "Plant One";
    process.env[CA_ENV.accessShards] = "0";
    await expect(enrol({})).rejects.toThrow(
      /DMZ_SITE: must be .* got "Plant One"\n- DMZ_ACCESS_SHARDS: must be .* got "0"/,
    );
  });

  test("wait for permissions that have not spread yet, and say so", async () => {
    const pauses = jest.spyOn(timers, "setTimeout").mockResolvedValue(undefined);
    site.aws.refuse("GetSecretValue", 2);
    expect((await initialise(INITIALISE)).changed).toContain("certificate-authority");
    expect(pauses).toHaveBeenCalledTimes(2);
    expect(lines[0]).toContain("waiting for permissions to spread");
  });

  test("enrol does not wait for permissions: a refusal is an answer", async () => {
    site.aws.refuse("GetSecretValue", Infinity);
    await expect(enrol({ identities: [{ name: "gw-1" }] })).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("work as the one file that is deployed, below 3 MB", async () => {
    const { path, remove } = await temporaryFolder();
    try {
      const outfile = join(path, "index.js");
      const entryPoints = [join(__dirname, "../../ca/functions.ts")];
      buildSync({
        entryPoints,
        outfile,
        bundle: true,
        minify: true,
        platform: "node",
        target: "node22",
        logLevel: "error",
      });
      expect(statSync(outfile).size).toBeLessThan(3_000_000);
      const script = join(path, "run.js");
      await writeFile(
        script,
        `const functions = require("./index.js");
         console.log = () => {};
         (async () => {
           const first = await functions.initialise(${JSON.stringify(INITIALISE)});
           const enrolled = await functions.enrol({ identities: [{ name: "gw-1" }] });
           process.stdout.write(JSON.stringify({ handlers: Object.keys(functions).sort(), first, sequence: enrolled.sequence }));
         })();`,
      );
      const env = { ...site.env, PATH: process.env["PATH"] };
      const { stdout } = await promisify(execFile)(process.execPath, [script], { env });
      expect(JSON.parse(stdout)).toMatchObject({
        handlers: ["activate", "enrol", "initialise", "rotate"],
        first: { changed: expect.arrayContaining(["certificate-authority"]) as unknown },
        sequence: 2,
      });
    } finally {
      await remove();
    }
  });
});

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { enrol } from "../../ca/enrol";
import { initialise } from "../../ca/initialise";
import { clientConnection } from "../../cli/client-connection";
import { isBundleValid } from "../../cli/is-bundle-valid";
import { readActiveRecords } from "../../cli/read-active-records";
import { loadSites } from "../../load-sites";
import type { Site } from "../../policy/site";
import { directoryVault } from "../../vault/directory";
import type { Vault } from "../../vault/vault";
import { temporaryFolder } from "../vault/temporary-folder";
import { fakeLambda, type FakeLambda } from "./fake-lambda";
import { runDmz, startDmz, type DmzResult } from "./run-dmz";
import { writeSite } from "./site-folder";

// The real command as a child process, on a machine that others may use.
type Request = { identities: { name: string; csr?: string }[] };

let sites: Awaited<ReturnType<typeof temporaryFolder>>;
let site: Site;
beforeAll(async () => {
  sites = await temporaryFolder();
  await writeSite(sites.path, "plant");
  await writeSite(
    sites.path,
    "wide",
    `edge: Array.from({ length: 130 }, (_, i) => ({ name: \`gw-\${i}\`, role: telemetryDevice({ area: "line" }) })),`,
  );
  site = loadSites(sites.path).get("plant")!;
});
afterAll(() => sites.remove());

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let vault: Vault;
let lambda: FakeLambda;
let issued: string[];
beforeEach(async () => {
  folder = await temporaryFolder();
  issued = [];
  const deployed = async (name: string) => {
    const store = directoryVault(join(folder.path, "vault", name));
    await initialise(store, { site: name, dns: ["mqtt.example"], ip: [], credentialShards: 2 });
    const enrolFunction = async (event: Request) => {
      const result = await enrol(store, { site: name, ...event });
      issued.push(...result.identities.map(({ password }) => password));
      return result;
    };
    return { store, enrolFunction };
  };
  const plant = await deployed("plant");
  const wide = await deployed("wide");
  vault = plant.store;
  lambda = await fakeLambda({ "plant-ca-enrol": plant.enrolFunction, "wide-ca-enrol": wide.enrolFunction });
});
afterEach(async () => {
  await lambda.close();
  await folder.remove();
});

const dmzEnrol = (...args: string[]): Promise<DmzResult> =>
  runDmz(["enrol", "--sites", sites.path, ...args], { cwd: folder.path, env: lambda.env });
const clients = (name = "plant"): string => join(folder.path, ".dmz", name, "clients");

test("enrolling a site writes a bundle for every identity that its broker accepts, and sends no private key", async () => {
  const result = await dmzEnrol("plant");
  expect(result).toMatchObject({ code: 0, stderr: "" });
  const { trust } = await enrol(vault, { site: "plant", identities: [{ name: "other" }] });
  const records = await readActiveRecords(vault, "plant");
  for (const identity of site.identities) {
    const connection = clientConnection(site, identity, { host: site.host, mqttPort: 8883, httpsPort: 443 });
    const bundle = join(clients(), identity.name);
    expect([identity.name, await isBundleValid(bundle, connection, records.get(identity.name), trust)]).toEqual([
      identity.name,
      true,
    ]);
    expect(JSON.parse(readFileSync(join(bundle, "mqtt.json"), "utf8"))).toEqual(JSON.parse(JSON.stringify(connection)));
    expect((statSync(join(bundle, "password")).mode & 0o777).toString(8)).toBe("600");
  }
  expect(JSON.stringify(lambda.invocations)).not.toMatch(/PRIVATE KEY/);
  expect(existsSync(join(clients(), "display", "key.pem"))).toBe(false);
});

test("no password is ever shown", async () => {
  const { stdout, stderr } = await dmzEnrol("plant", "--json");
  expect(issued).toHaveLength(4);
  for (const secret of issued) expect(stdout + stderr).not.toContain(secret);
  const last = JSON.parse(stdout.split("\n").at(-1)!) as object;
  expect(last).toMatchObject({ event: "enrolled", site: "plant", names: ["gw-1", "gw-2", "scada", "display"] });
});

test("a bundle that exists is not replaced, unless --force says so", async () => {
  await dmzEnrol("plant", "gw-1");
  expect(readdirSync(clients())).toEqual(["gw-1"]);
  const before = readFileSync(join(clients(), "gw-1", "password"), "utf8");

  const refused = await dmzEnrol("plant", "gw-2", "gw-1");
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/there are bundles already for gw-1; leave them out, or --force/);
  expect(lambda.invocations).toHaveLength(1);
  expect(readFileSync(join(clients(), "gw-1", "password"), "utf8")).toBe(before);

  expect(await dmzEnrol("plant")).toMatchObject({ code: 0 });
  expect(readFileSync(join(clients(), "gw-1", "password"), "utf8")).toBe(before);
  expect(readdirSync(clients()).sort()).toEqual(["display", "gw-1", "gw-2", "scada"]);

  expect(await dmzEnrol("plant", "gw-1", "--force")).toMatchObject({ code: 0 });
  expect(readFileSync(join(clients(), "gw-1", "password"), "utf8")).not.toBe(before);
});

/** Every file of a folder with its content. */
const contents = (path: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((file) => [file, readFileSync(file, "utf8")]),
  );

/** Runs the site on this machine until it is up. */
async function startLocally(...args: string[]): Promise<DmzResult> {
  const ports = ["--mqtt-port", "0", "--https-port", "0"];
  const local = startDmz(["start", "plant", "--sites", sites.path, "--json", ...ports, ...args], { cwd: folder.path });
  await Promise.race([local.event("ready"), local.end()]).catch(() => undefined);
  return local.end("SIGINT");
}

test("a site that ran on this machine is enrolled all the same, and each side keeps its own bundles", async () => {
  expect(await startLocally()).toMatchObject({ code: 0 });
  const local = contents(join(folder.path, ".dmz"));
  expect(await dmzEnrol("plant")).toMatchObject({ code: 0, stderr: "" });
  expect(lambda.invocations).toHaveLength(1);
  expect(JSON.parse(readFileSync(join(clients(), "gw-1", "mqtt.json"), "utf8"))).toMatchObject({ host: site.host });
  expect(contents(join(folder.path, ".dmz"))).toMatchObject(local);
});

test("a start on this machine, --fresh or not, leaves the bundles of the deployed site alone", async () => {
  expect(await dmzEnrol("plant")).toMatchObject({ code: 0 });
  const deployed = contents(clients());
  for (const flags of [[], ["--fresh"]]) {
    expect(await startLocally(...flags)).toMatchObject({ code: 0 });
    expect(contents(clients())).toEqual(deployed);
  }
});

test("a start in a folder with bundles of a deployed site is refused before it changes anything", async () => {
  expect(await dmzEnrol("plant", "scada")).toMatchObject({ code: 0 });
  const deployed = contents(clients());
  for (const flags of [[], ["--fresh"]]) {
    const { code, stdout } = await startLocally("--dir", join(".dmz", "plant"), ...flags);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /scada: this bundle is for site 'plant' at mqtt\.plant\.example, .*another folder with --dir/,
    );
    expect(contents(join(folder.path, ".dmz", "plant"))).toEqual(deployed);
  }
});

test.each<readonly [string, string, RegExp]>([
  ["of a broker on this machine", JSON.stringify({ site: "plant", host: "localhost" }), /is for site 'plant' at local/],
  [
    "of another site",
    JSON.stringify({ site: "wide", host: "mqtt.plant.example" }),
    /is for site 'wide' at mqtt\.plant/,
  ],
  ["that nobody can read", "{", /is incomplete/],
])("a bundle %s is not taken for an enrolled one, and only --force replaces it", async (_, text, says) => {
  await dmzEnrol("plant", "gw-1");
  writeFileSync(join(clients(), "gw-1", "mqtt.json"), text);
  const before = contents(clients());
  for (const names of [[], ["gw-1"]]) {
    const refused = await dmzEnrol("plant", ...names);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(says);
    expect(contents(clients())).toEqual(before);
  }
  expect(await dmzEnrol("plant", "--force")).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(join(clients(), "gw-1", "mqtt.json"), "utf8"))).toMatchObject({ host: site.host });
});

test("many identities go in batches of a hundred", async () => {
  expect(await dmzEnrol("wide")).toMatchObject({ code: 0, stderr: "" });
  expect(lambda.invocations.map(({ event }) => (event as Request).identities.length)).toEqual([100, 32]);
  expect(readdirSync(clients("wide"))).toHaveLength(132);
});

test("an identity that the site does not declare is not enrolled, and the one that was meant is named", async () => {
  const result = await dmzEnrol("plant", "scda");
  expect(result).toMatchObject({
    code: 2,
    stderr: "dmz: site 'plant' declares no identity 'scda'; did you mean 'scada'?",
  });
  expect(lambda.invocations).toEqual([]);
});

test("a site that is not deployed is said to be so", async () => {
  await lambda.close();
  lambda = await fakeLambda({});
  const result = await dmzEnrol("plant");
  expect(result).toMatchObject({ code: 1 });
  expect(result.stderr).toMatch(/plant-ca-enrol: there is no such function in eu-central-1; deploy site 'plant' first/);
});

test("what the function refuses is passed on in its words, and nothing is written", async () => {
  await lambda.close();
  lambda = await fakeLambda({ "plant-ca-enrol": () => Promise.reject(new Error("the vault is on fire")) });
  const result = await dmzEnrol("plant");
  expect(result).toMatchObject({ code: 1 });
  expect(result.stderr).toMatch(/^dmz: plant-ca-enrol: the vault is on fire/);
  expect(existsSync(join(folder.path, ".dmz"))).toBe(false);
});

test("an answer with somebody else's certificate is not written", async () => {
  await lambda.close();
  const swapped = async (event: Request) => {
    const { identities, ...rest } = await enrol(vault, { site: "plant", ...event });
    const [one, two] = identities;
    return {
      ...rest,
      identities: [
        { ...one, certificate: two!.certificate },
        { ...two, certificate: one!.certificate },
      ],
    };
  };
  lambda = await fakeLambda({ "plant-ca-enrol": swapped });
  const result = await dmzEnrol("plant", "gw-1", "gw-2");
  expect(result).toMatchObject({ code: 1 });
  expect(result.stderr).toMatch(/did not certify the key that was made for gw-1/);
  expect(existsSync(clients())).toBe(false);
});

test("an answer of another form is not written, and not shown: it may hold passwords", async () => {
  await lambda.close();
  lambda = await fakeLambda({ "plant-ca-enrol": async () => ({ passwords: ["hunter2"] }) });
  const result = await dmzEnrol("plant");
  expect(result).toMatchObject({ code: 1 });
  expect(result.stderr).toMatch(/not of the expected form/);
  expect(result.stderr + result.stdout).not.toContain("hunter2");
});

import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { refreshConnection, writeClientBundle, type ClientCredentials } from "../../cli/client-bundle";
import { clientConnection } from "../../cli/client-connection";
import { forgeCertificate } from "../../cli/demo/forge-certificate";
import { loadSites } from "../../load-sites";
import { temporaryFolder } from "../vault/temporary-folder";

const site = loadSites().get("riverside")!;
const address = { host: "mqtt.example", mqttPort: 8883, httpsPort: 443 };
const connectionOf = (name: string) =>
  clientConnection(
    site,
    site.identities.find((one) => one.name === name)!,
    address,
  );
const connection = connectionOf("scada");

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let bundle: string;
let credentials: ClientCredentials;
beforeEach(async () => {
  folder = await temporaryFolder();
  bundle = join(folder.path, "scada");
  const { certificate, key } = await forgeCertificate("riverside", "scada");
  credentials = { password: "-p4ssw0rd", certificate, key, trust: [certificate] };
});
afterEach(() => folder.remove());

test("a bundle replaces what is there, wide permissions included, and leaves nothing beside itself", async () => {
  mkdirSync(bundle, { mode: 0o755 });
  writeFileSync(join(bundle, "key.pem"), "old", { mode: 0o644 });
  writeFileSync(join(bundle, "left-over"), "old");
  await writeClientBundle(bundle, credentials, connection);
  expect(readdirSync(folder.path)).toEqual(["scada"]);
  expect(readdirSync(bundle).sort()).toEqual(
    ["README.md", "ca.pem", "cert.pem", "key.pem", "mosquitto", "mqtt.json", "password", "publish", "subscribe"].sort(),
  );
  expect((statSync(join(bundle, "key.pem")).mode & 0o777).toString(8)).toBe("600");
  expect((statSync(bundle).mode & 0o777).toString(8)).toBe("700");
});

test("a certificate of another key is refused, and what was there stays", async () => {
  await writeClientBundle(bundle, credentials, connection);
  const other = await forgeCertificate("riverside", "scada");
  await expect(
    writeClientBundle(bundle, { ...credentials, certificate: other.certificate }, connection),
  ).rejects.toThrow(/did not certify the key that was made for scada/);
  await expect(writeClientBundle(bundle, { ...credentials, certificate: undefined }, connection)).rejects.toThrow(
    /scada/,
  );
  expect(readFileSync(join(bundle, "cert.pem"), "utf8").trim()).toBe(credentials.certificate!.trim());
});

test("mosquitto's tools run where the caller is, with the password from an options file of the bundle, never as an argument", async () => {
  await writeClientBundle(bundle, credentials, connection);
  // Stand-ins for mosquitto's tools: they show where they look and what they are given.
  const bin = join(folder.path, "bin");
  mkdirSync(bin);
  for (const tool of ["mosquitto_sub", "mosquitto_pub"])
    writeFileSync(join(bin, tool), `#!/bin/sh\necho "$*"; pwd; cat "$XDG_CONFIG_HOME/${tool}"\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
  // Bundles are carried from one place to another, and called from a third.
  const at = join(folder.path, "carried off", "scada");
  mkdirSync(join(folder.path, "carried off"));
  renameSync(bundle, at);
  const cwd = realpathSync(bin);
  const run = async (script: string, args: readonly string[]) =>
    (await promisify(execFile)(script, args, { env, cwd })).stdout;
  const stdout = await run(join("..", "carried off", "scada", "subscribe"), ["-v", "-t", "a b/#"]);
  const [given, where, ...options] = stdout.trimEnd().split("\n");
  const place = realpathSync(at);
  const files = `--cafile ${place}/ca.pem --cert ${place}/cert.pem --key ${place}/key.pem`;
  expect(given!.replace(/~sub-\d+/, "~sub-N")).toBe(`${files} -i scada~sub-N -v -t a b/#`);
  expect(where).toBe(cwd);
  expect(options).toEqual(["-h mqtt.example", "-p 8883", "-i scada", "-u scada", "-P -p4ssw0rd"]);
  const published = await run(join(at, "publish"), ["-t", "x", "-f", "reading.json"]);
  expect(published).toMatch(/ -i scada~pub-\d+ -t x -f reading\.json\n[^]*\n-q 1\n$/);

  const again = await run(join(at, "subscribe"), []);
  expect(again.split("\n")[0]).not.toBe(given!.replace(/ -v.*/, ""));
});

test("a client that may publish nothing has no script for it, not even one of an earlier role", async () => {
  await writeClientBundle(bundle, credentials, connection);
  await refreshConnection(bundle, connectionOf("historian"));
  expect(readdirSync(bundle)).not.toContain("publish");
  expect(readdirSync(join(bundle, "mosquitto"))).toEqual(["mosquitto_sub"]);
  expect(readFileSync(join(bundle, "README.md"), "utf8")).not.toContain("./publish");
  expect(readFileSync(join(bundle, "README.md"), "utf8")).toContain("./subscribe -v -t 'spBv1.0/line1/#'");
});

test("an edge device keeps its one ClientId, since a suffix would be refused", async () => {
  await writeClientBundle(bundle, credentials, connectionOf("gw-water"));
  expect(readFileSync(join(bundle, "subscribe"), "utf8")).toMatch(/exec mosquitto_sub .*key\.pem" "\$@"$/m);
  expect(readFileSync(join(bundle, "mosquitto", "mosquitto_sub"), "utf8")).toContain("-i gw-water\n");
});

test("the README names what the client may do, and an example that it may publish", async () => {
  await writeClientBundle(bundle, credentials, connection);
  const readme = readFileSync(join(bundle, "README.md"), "utf8");
  for (const filter of [...connection.topics.publish, ...connection.topics.subscribe])
    expect(readme).toContain(`- \`${filter}\``);
  expect(readme).toContain("./publish -t 'spBv1.0/STATE/scada'");
});

import { createServer, type Server, type TLSSocket } from "node:tls";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Aedes } from "aedes";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { findCast } from "../../cli/demo/cast";
import type { CheckResult } from "../../cli/demo/check";
import { playDemo } from "../../cli/demo/play-demo";
import { localFolders } from "../../cli/local-folders";
import { createOutput } from "../../cli/output";
import { loadSites } from "../../load-sites";
import { secretName, type ServerCertificateSecret } from "../../policy/deployment";
import { directoryVault } from "../../vault/directory";
import { temporaryFolder } from "../vault/temporary-folder";
import { runDmz, startDmz } from "./run-dmz";

// The real command as a child process, on a machine that others may use.
const FREE = ["--mqtt-port", "0", "--https-port", "0"];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

type ShownCheck = CheckResult & { readonly ok: boolean };

test("the shipped site's demo shows what is allowed and what is refused, and everything comes as declared", async () => {
  const demo = startDmz(["start", "riverside", "--exit-after-demo", "--json", ...FREE], { cwd: folder.path });
  const result = await demo.end();
  expect(result).toMatchObject({ code: 0, stderr: "" });
  const checks = demo.events.filter(({ event }) => event === "check") as unknown as ShownCheck[];
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  const tried = checks.map(({ actual, does }) => `${actual}: ${does}`).join("\n");
  for (const promise of [
    /^refused: connects without TLS$/m,
    /^refused: comes without a certificate$/m,
    /^refused: brings .* name from another CA$/m,
    /^refused: gives a wrong password$/m,
    /^refused: steals .* ClientId$/m,
    /^refused: steals .* certificate$/m,
    /^refused: subscribes #$/m,
    /^refused: publishes spBv1\.0\/line1\/NDATA\/gw-line1-capper$/m,
    /^allowed: publishes spBv1\.0\/line1\/NDATA\/gw-line1-filler$/m,
    /^allowed: publishes spBv1\.0\/line1\/NCMD\/gw-line1-filler$/m,
    /^allowed: subscribes #$/m,
  ])
    expect(tried).toMatch(promise);
});

test("were the broker's password check broken, the demo would say which promise fell, and exit with 1", async () => {
  const sabotage = join(folder.path, "sabotage.js");
  writeFileSync(sabotage, `require("node:crypto").timingSafeEqual = () => true;`);
  const props = { cwd: folder.path, env: { NODE_OPTIONS: `--require ${sabotage}` } };
  const { code, stdout } = await runDmz(
    ["start", "riverside", "--dir", "sabotaged", "--exit-after-demo", ...FREE],
    props,
  );
  expect(stdout).toMatch(/1 of 21 did not come[^]*gives a wrong password: expected refused, was allowed/);
  expect(code).toBe(1);
});

test("on a log it is plain text of at most 80 columns", async () => {
  const { code, stdout } = await runDmz(["start", "riverside", "--exit-after-demo", ...FREE], {
    cwd: folder.path,
    env: { COLUMNS: "" },
  });
  expect(code).toBe(0);
  const demo = stdout.split("\n").slice(
    stdout.split("\n").findIndex((line) => line.includes("Getting in")),
    -2,
  );
  expect(demo.length).toBeGreaterThan(20);
  expect(demo.filter((line) => line.length > 80 || line.includes("\u001b"))).toEqual([]);
});

/** A broker with the site's certificate that lets everybody do everything. */
async function openBroker(root: string): Promise<{ port: number; close(): Promise<void> }> {
  const secret = await directoryVault(localFolders(root).vault).read(secretName.serverCertificate("riverside"));
  const { key, certificate, trust } = JSON.parse(secret!.value) as ServerCertificateSecret;
  const aedes = await Aedes.createBroker();
  const tls = { key, cert: certificate, ca: [...trust], requestCert: true, rejectUnauthorized: false };
  const server: Server = createServer(tls, (socket: TLSSocket) => void aedes.handle(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("against a broker that refuses nothing, every refusal that the demo promises is reported as missing", async () => {
  const site = loadSites().get("riverside")!;
  const folders = localFolders(join(folder.path, ".dmz", "riverside", "local"));
  const broker = await openBroker(folders.root);
  const shown: ShownCheck[] = [];
  const output = {
    ...createOutput(true),
    event: (event: string, fields: object = {}) => void (event === "check" && shown.push(fields as ShownCheck)),
  };
  const address = { host: "localhost", mqttPort: broker.port, httpsPort: 0 };
  const props = {
    site,
    cast: findCast(site)!,
    address,
    clients: folders.clients,
    signal: new AbortController().signal,
  };
  expect(await playDemo(props, output)).toBe(false);
  await broker.close();

  const promised = shown.filter(({ expected }) => expected === "refused");
  expect(promised.length).toBeGreaterThan(8);
  // TLS alone keeps the plaintext client out, here too.
  expect(promised.filter(({ ok }) => ok).map(({ does }) => does)).toEqual(["connects without TLS"]);
});

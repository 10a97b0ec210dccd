import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createPlant, type Plant } from "../broker/plant";
import { startTestBroker, type TestBroker } from "../broker/start-test-broker";
import { requireTools } from "./require-tools";

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

/** testssl's severities that say nothing worse than "low"; WARN and DEBUG are about the scan itself. */
const HARMLESS: ReadonlySet<string> = new Set(["OK", "INFO", "LOW", "WARN", "DEBUG"]);

/** Findings that are so by design, each with its reason. */
const BY_DESIGN: Readonly<Record<string, string>> = {
  cert_revocation:
    "Neither CRL nor OCSP, and the certificate says so by RFC 9608's noRevAvail, which testssl does not read yet. Closed devices could fetch no list; the site's own CA signs server certificates for 90 days, and a stolen key is answered by a new CA (decisions 8 and 14).",
};

let plant: Plant;
let broker: TestBroker;
let folder: string;

beforeAll(async () => {
  requireTools("testssl");
  plant = await createPlant();
  broker = await startTestBroker(plant);
  folder = await mkdtemp(join(tmpdir(), "dmz-testssl-"));
  await writeFile(join(folder, "ca.pem"), plant.ca.join("\n"));
});
afterAll(async () => {
  await broker.close();
  await rm(folder, { recursive: true });
});

/** Scans a port of this machine; asks no name server and nobody else. */
const scan = async (port: number): Promise<readonly Finding[]> => {
  const file = join(folder, `${port}.json`);
  const quiet = ["--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--ip", "127.0.0.1"];
  const times = ["--connect-timeout", "10", "--openssl-timeout", "10"];
  const trust = ["--add-ca", join(folder, "ca.pem")];
  const options = [...quiet, ...times, ...trust, "--jsonfile", file, `localhost:${port}`];
  const child = spawn("testssl", options, { stdio: ["ignore", "ignore", "inherit"], cwd: folder });
  await once(child, "close");
  return JSON.parse(await readFile(file, "utf8")) as readonly Finding[];
};

test.each(["mqtt", "https"] as const)(
  "testssl finds nothing above 'low' on the %s port",
  async (name) => {
    const findings = await scan(broker.ports[name]);
    // The scan came to its end and saw what is there.
    const found = new Map(findings.map(({ id, finding }) => [id, finding]));
    expect(found.get("TLS1_3")).toMatch(/^offered/);
    expect(found.get("TLS1_1")).toBe("not offered");
    expect(found.has("overall_grade") || found.has("ROBOT")).toBe(true);

    const worse = findings.filter(({ id, severity }) => !HARMLESS.has(severity) && !(id in BY_DESIGN));
    expect(worse).toEqual([]);
  },
  600_000,
);

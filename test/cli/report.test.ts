import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { forgeCertificate } from "../../cli/demo/forge-certificate";
import { readCertificates } from "../../cli/report/read-certificates";
import riverside from "../../sites/riverside";
import { synthesizeSite } from "../proof/synthesize-site";
import { temporaryFolder } from "../vault/temporary-folder";
import { runDmz } from "./run-dmz";

// The real command as a child process, on a machine that others may use.
let synthesized: string;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(() => {
  synthesized = synthesizeSite(riverside);
});
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const bundle = (name: string, files: Readonly<Record<string, string>>): void => {
  mkdirSync(join(folder.path, name), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder.path, name, file), text);
};

test("a bundle's certificate is told with its days, and whatever is wrong with a bundle by its reason", async () => {
  const own = await forgeCertificate("riverside", "gw-1");
  bundle("gw-1", { "cert.pem": own.certificate, "ca.pem": own.certificate });
  bundle("gw-2", { "cert.pem": own.certificate, "ca.pem": own.certificate });
  bundle("gw-3", { "cert.pem": "-----BEGIN", "ca.pem": own.certificate });
  bundle("gw-4", { "ca.pem": own.certificate });
  bundle("stranger", {});
  const identities = [
    ...["gw-1", "gw-2", "gw-3", "gw-5"].map((name) => ({ name, certificate: "required" as const })),
    { name: "gw-4", certificate: "password-only" as const },
  ];
  const read = new Map((await readCertificates(folder.path, identities)).map(({ name, state }) => [name, state]));
  expect([...read.keys()]).toEqual(["certificate authority", "gw-1", "gw-2", "gw-3", "gw-5", "gw-4", "stranger"]);
  expect(read.get("gw-1")).toMatchObject({ subject: "gw-1" });
  const { from, until } = read.get("gw-1") as { readonly from: Date; readonly until: Date };
  expect(from.getTime()).toBeLessThan(Date.now());
  expect(until.getTime()).toBeGreaterThan(Date.now());
  expect(read.get("gw-2")).toEqual({ unknown: "not readable: it certifies 'gw-1'" });
  expect(read.get("gw-3")).toMatchObject({ unknown: expect.stringMatching(/^not readable: /) });
  expect(read.get("gw-4")).toEqual({ unknown: "password only, by declaration" });
  expect(read.get("gw-5")).toEqual({ unknown: "no bundle in the folder" });
  expect(read.get("stranger")).toEqual({ unknown: "a bundle of no identity of this site" });
});

test("a report of a synthesized stack is one file, and the last line of JSON says what it comes to", async () => {
  writeFileSync(join(folder.path, "cdk.tf.json"), synthesized);
  const { code, stdout } = await runDmz(["report", "riverside", "--synth", ".", "--json"], { cwd: folder.path });
  expect(code).toBe(0);
  const event = JSON.parse(stdout) as { readonly file: string; readonly promises: Record<string, string> };
  expect(event).toMatchObject({ event: "report", site: "riverside", violated: 0, unproven: 0 });
  expect(event.promises).toMatchObject({ P1: "PROVEN", P2: "NOT CHECKED", P6: "NOT DECLARED" });
  expect(readdirSync(join(folder.path, ".dmz", "riverside"))).toEqual(["posture.html"]);
  expect(readFileSync(event.file, "utf8")).toContain("Security posture of riverside");
});

test("what is violated is the report's news, with its counterexample, and no failure of the command", async () => {
  const changed = synthesized.replaceAll('"spBv1.0/line1/DDATA/{id}/+', '"spBv1.0/line1/DDATA/+/+');
  expect(changed).not.toBe(synthesized);
  writeFileSync(join(folder.path, "cdk.tf.json"), changed);
  const args = ["report", "riverside", "--synth", "cdk.tf.json", "--out", "out.html", "--json"];
  const { code, stdout } = await runDmz(args, { cwd: folder.path });
  const event = JSON.parse(stdout) as { readonly violated: number; readonly promises: Record<string, string> };
  expect(event.violated).toBeGreaterThan(0);
  expect(event.promises["P5"]).toBe("VIOLATED");
  expect(code).toBe(0);
  expect(readFileSync(join(folder.path, "out.html"), "utf8")).toMatch(
    /gw-line1-capper \(edge identity\)[^]*spBv1\.0\/line1\/DDATA/,
  );
});

test.each([
  ["a stack that is not there", ["--synth", "nowhere.json"], /nowhere\.json: cannot be read \(ENOENT\)/],
  ["a folder without the site's stack", ["--synth", "."], /it holds no stack 'riverside'/],
  ["text that is no JSON", ["--plan", "cut.json"], /cut\.json must be JSON/],
  ["two stacks at once", ["--plan", "cut.json", "--synth", "."], /--plan and --synth name two stacks/],
  [
    "bundles that are not there",
    ["--synth", "good.json", "--bundles", "gone"],
    /gone: this is no folder of client bundles \(ENOENT\)/,
  ],
  [
    "a file to write that is a folder",
    ["--synth", "good.json", "--out", "."],
    /--out: must name a file, and .* is a folder/,
  ],
  ["accounts of no ruleset", ["--synth", "good.json", "--accounts", "passwd"], /--accounts must come with --ruleset/],
])("%s is refused with exit code 2, and nothing is written", async (_, args, message) => {
  writeFileSync(join(folder.path, "cut.json"), synthesized.slice(0, 1000));
  writeFileSync(join(folder.path, "good.json"), synthesized);
  const { code, stderr } = await runDmz(["report", "riverside", ...args], { cwd: folder.path });
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
  expect(existsSync(join(folder.path, ".dmz"))).toBe(false);
});

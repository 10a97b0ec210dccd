import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { unzipSync } from "fflate";
import { functionName } from "../../policy/deployment";

const ROOT = join(__dirname, "../..");
const TSX = createRequire(__filename).resolve("tsx/cli");

/** Bundles in a process of its own, in another time zone and another working folder; prints where and what. */
const PROGRAM = `
  const { App, TerraformStack } = require("cdktf");
  const { FunctionBundle } = require(${JSON.stringify(join(ROOT, "constructs/function-bundle"))});
  const app = new App({ outdir: process.argv[1] });
  const bundles = ["a", "b"].map((id) => new FunctionBundle(new TerraformStack(app, id), "code"));
  app.synth();
  console.log(JSON.stringify(bundles.map(({ file, sha256 }) => ({ file, sha256 }))));
`;

describe("FunctionBundle", () => {
  const folders: string[] = [];
  const bundle = (zone: string) => {
    const folder = mkdtempSync(join(tmpdir(), "dmz-bundle-"));
    folders.push(folder);
    const out = execFileSync(process.execPath, [TSX, "-e", PROGRAM, folder], {
      cwd: folder,
      env: { ...process.env, TZ: zone, NODE_PATH: join(ROOT, "node_modules") },
      encoding: "utf8",
    });
    const [a, b] = JSON.parse(out) as { file: string; sha256: string }[];
    return { a: a!, b: b!, archive: readFileSync(join(folder, "stacks/a", a!.file)) };
  };
  let here: ReturnType<typeof bundle>;
  let there: ReturnType<typeof bundle>;
  beforeAll(() => {
    here = bundle("UTC");
    there = bundle("Pacific/Kiritimati");
  });
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

  test("the same source gives the same bytes, wherever and whenever it is bundled", () => {
    expect(there.archive.equals(here.archive)).toBe(true);
    expect(there.a).toEqual(here.a);
  });

  test("every stack of an app has the same code", () => {
    expect(here.b.sha256).toBe(here.a.sha256);
  });

  test("the hash that Terraform compares is the archive's own", () => {
    expect(here.a.sha256).toBe(createHash("sha256").update(here.archive).digest("base64"));
  });

  test("the code exports every function's handler", () => {
    const module = { exports: {} as Record<string, unknown> };
    const code = Buffer.from(unzipSync(here.archive)["index.js"]!).toString("utf8");
    new Function("module", "exports", "require", code)(module, module.exports, createRequire(__filename));
    for (const name of Object.keys(functionName)) expect(module.exports[name]).toBeInstanceOf(Function);
  });

  test("nothing of this machine is in the code", () => {
    const code = Buffer.from(unzipSync(here.archive)["index.js"]!).toString("utf8");
    for (const trace of [ROOT, tmpdir() + "/dmz", "node_modules/"]) expect(code.includes(trace)).toBe(false);
  });
});

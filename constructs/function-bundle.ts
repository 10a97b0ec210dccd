import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import { buildSync } from "esbuild";
import { zipSync } from "fflate";

const ROOT = join(__dirname, "..");
const ENTRY = "ca/functions.ts";

/** ZIP has local times without a zone: the same calendar date everywhere gives the same bytes everywhere. */
const EPOCH = new Date(1980, 0, 1);

interface Built {
  /** Path of the archive on this machine. */
  readonly path: string;
  /** SHA-256 of the archive, base64, as Lambda reports it. */
  readonly sha256: string;
}

/**
 * The CA functions' code: `ca/functions.ts` and all it needs, one file in a ZIP archive.
 *
 * The same source gives the same bytes on every machine, so that a deployment from elsewhere changes no function. The
 * AWS SDK is bundled: what is tested is what runs, not the version that Lambda happens to have. Bundled once a process,
 * however many sites there are.
 *
 *     const code = new FunctionBundle(this, "code");
 *     new LambdaFunction(this, "enrol", { filename: code.file, sourceCodeHash: code.sha256, handler: "index.enrol", ... });
 */
export class FunctionBundle extends Construct {
  /** Path of the archive, relative to the synthesized stack. */
  readonly file: string;
  /** Base64 SHA-256 of the archive. */
  readonly sha256: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const built = bundleOnce();
    this.sha256 = built.sha256;
    const assetHash = Buffer.from(built.sha256, "base64").toString("hex");
    this.file = new TerraformAsset(this, "archive", { path: built.path, type: AssetType.FILE, assetHash }).path;
  }
}

let built: Built | undefined;
const bundleOnce = (): Built => (built ??= bundle());

function bundle(): Built {
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: [ENTRY],
    outfile: "index.js",
    bundle: true,
    minify: true,
    // Names of functions and classes appear in logs and errors.
    keepNames: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    legalComments: "none",
    logLevel: "error",
    write: false,
  });
  const archive = zipSync({ "index.js": outputFiles[0]!.contents }, { level: 9, mtime: EPOCH, os: 3 });
  const digest = createHash("sha256").update(archive).digest();
  const path = join(ROOT, "dist", "ca", digest.toString("hex"), "ca-functions.zip");
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    // Written aside and renamed, since another process may be reading or writing the same archive.
    const aside = `${path}.${process.pid}`;
    writeFileSync(aside, archive);
    renameSync(aside, path);
  }
  return { path, sha256: digest.toString("base64") };
}

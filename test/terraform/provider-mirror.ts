import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { cdktf } from "@cdktf/provider-aws/package.json";

/** `registry.terraform.io/hashicorp/aws`: a folder of this name below a mirror's root holds the provider's versions. */
const { name: PROVIDER, version: VERSION } = cdktf.provider;

const DEPTH = 4;

/** Where Terraform itself looks, and where people put what came from elsewhere. */
const ROOTS = [
  // Not the folder above it: cdktf keeps a plugin cache there, which Terraform refuses as a mirror of itself.
  join(homedir(), ".terraform.d/plugins"),
  join(homedir(), ".local/share/terraform"),
  "/usr/local/share/terraform",
  "/usr/share/terraform",
  "/opt",
  "/srv",
  "/usr/local/lib",
];

/**
 * The root of a filesystem mirror that holds the AWS provider of the version we are bound to, for this machine: the one
 * that `TERRAFORM_PROVIDER_MIRROR` names, or the first one found.
 *
 * @throws naming what is missing and how to get it.
 */
export function providerMirror(): string {
  const named = process.env.TERRAFORM_PROVIDER_MIRROR;
  const found = (named ? [named] : ROOTS).map((root) => search(root, named ? 0 : DEPTH)).find((path) => path);
  if (found) return found;
  throw new Error(
    `no Terraform provider mirror with ${PROVIDER} ${VERSION} for ${platform()} ` +
      (named ? `in TERRAFORM_PROVIDER_MIRROR, got '${named}'` : `below ${ROOTS.join(", ")}`) +
      ": run 'npm run synth', then 'terraform providers mirror <folder>' in a folder below cdktf.out/stacks, and set " +
      "TERRAFORM_PROVIDER_MIRROR=<folder>",
  );
}

function search(folder: string, depth: number): string | undefined {
  if (existsSync(join(folder, PROVIDER, VERSION, platform()))) return folder;
  if (depth === 0 || !existsSync(folder)) return undefined;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === "node_modules" || entry.name === ".git") continue;
    const found = search(join(folder, entry.name), depth - 1);
    if (found) return found;
  }
  return undefined;
}

/** In Go's words, as mirrors use them. */
const platform = (): string => `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

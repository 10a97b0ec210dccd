import { createRequire } from "node:module";
import type { Command } from "commander";
import { registerImageEdge } from "./image-edge";

// The TypeScript loader hooks require, not import().
const load = createRequire(__filename);

/** `dmz image`: builds, verifies and pushes the broker's image. Each command's code is loaded when it runs. */
export function registerImage(program: Command): void {
  const image = program
    .command("image")
    .description("build, sign, verify and push the broker's container image, and make the image of edge devices");

  image
    .command("build")
    .description("build the image reproducibly, with its bill of materials and a signature")
    .option("--platform <platform>", "linux/amd64 or linux/arm64", "linux/amd64")
    .option(
      "--base <base>",
      "debian-packages, or an image of Debian packages without a shell, by digest",
      "debian-packages",
    )
    .option("--output <folder>", "OCI layout to write", "dist/image")
    .option("--key <file>", "signing key, made on first use (default: .dmz/image-signing.key)")
    .option("--kms-key <arn>", "sign with this key in KMS instead (ECC_NIST_P256)")
    .option("--json", "one JSON object a line on standard output: progress, built, error")
    .action((options) => (load("./image-build") as typeof import("./image-build.js")).imageBuild(options));

  image
    .command("push")
    .description("copy the image to the site's registry, and print the digest that the site names")
    .argument("[site]", "site to push for; may be left out if there is only one, or with --to oci:<folder>")
    .option("--to <where>", "<registry>/<repository> or oci:<folder> (default: ECR in the site's account and region)")
    .option("--image <folder>", "OCI layout to push", "dist/image")
    .option("--key <file>", "public key that must have signed (default: .dmz/image-signing.key.pub)")
    .option("--kms-key <arn>", "key in KMS that must have signed")
    .option("--sites <folder>", "folder of the site files")
    .option("--json", "one JSON object a line on standard output: progress, pushed, error")
    .action((site, options) => (load("./image-push") as typeof import("./image-push.js")).imagePush(site, options));

  image
    .command("verify")
    .description("check an image's digests, signature, bill of materials and rules")
    .argument("<image>", "folder of an OCI layout, or <registry>/<repository>@sha256:<64 hex>")
    .option("--key <file>", "public key that must have signed (default: .dmz/image-signing.key.pub)")
    .option("--kms-key <arn>", "key in KMS that must have signed")
    .option("--json", "one JSON object a line on standard output: progress, verified, error")
    .action((source, options) =>
      (load("./image-verify") as typeof import("./image-verify.js")).imageVerify(source, options),
    );

  registerImageEdge(image);
}

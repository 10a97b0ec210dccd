import { createRequire } from "node:module";
import type { Command } from "commander";

// The TypeScript loader hooks require, not import().
const load = createRequire(__filename);

const SITES = ["--sites <folder>", "folder of the site files"] as const;
const ONLY_ONE = "may be left out if there is only one";

/** What is built for one class of a site's devices. */
const ofClass = (command: Command): Command =>
  command
    .argument("[site]", `site of the devices; ${ONLY_ONE}`)
    .argument("[device-class]", "as the site's edge devices name it", "gateway");

/** `dmz image edge`: the image of edge devices. Each command's code is loaded when it runs. */
export function registerImageEdge(image: Command): Command {
  const edge = image.command("edge").description("build and provision the disk image of edge devices");

  ofClass(edge.command("build"))
    .description("build a device class's disk image reproducibly, with its update, bill of materials and signatures")
    .option("--image-version <version>", "whole numbers with dots (default: the kit's version)")
    .option("--output <folder>", "folder to write (default: dist/edge-image/<site>-<class>)")
    .option("--data <MiB>", "size of the data partition (default: 512)")
    .option("--mirror <url>", "Debian mirror or snapshot to take the pinned packages from")
    .option("--refresh-packages", "take what Debian has now as the new pins, and write them down")
    .option("--unpinned", "build with what Debian has now, whatever is pinned: not reproducible")
    .option("--key <file>", "key that signs the artefacts, made on first use (default: .dmz/image-signing.key)")
    .option("--kms-key <arn>", "sign the artefacts with this key in KMS instead (ECC_NIST_P256)")
    .option(
      "--update-key <file>",
      "Ed25519 key that signs updates, made on first use (default: .dmz/update-signing.key)",
    )
    .option(...SITES)
    .option("--json", "one JSON object a line on standard output: progress, built, error")
    .action((site, deviceClass, options) =>
      (load("./image-edge-build") as typeof import("./image-edge-build.js")).imageEdgeBuild(site, deviceClass, options),
    );

  edge
    .command("provision")
    .description("give a disk image its device: write an enrolment bundle to its data partition")
    .argument("<image>", "disk image that 'dmz image edge build' wrote")
    .argument("<bundle>", "folder that 'dmz enrol' wrote for the device")
    .option("--output <file>", "disk image to write (default: <device>.raw beside the image)")
    .option("--force", "replace an identity that is there already, with all that waits in its queue")
    .option("--json", "one JSON object a line on standard output: provisioned, error")
    .action((file, bundle, options) =>
      (load("./image-edge-provision") as typeof import("./image-edge-provision.js")).imageEdgeProvision(
        file,
        bundle,
        options,
      ),
    );

  edge
    .command("publish")
    .description(
      "upload a disk image as a snapshot in the site's account and region, for the AMI that the site declares",
    )
    .argument("<image>", "the .raw file that 'dmz image edge build' wrote")
    .argument("[site]", `site of the image; ${ONLY_ONE}`)
    .option("--key <file>", "public key that must have signed it (default: .dmz/image-signing.key.pub)")
    .option("--kms-key <arn>", "key in KMS that must have signed it")
    .option("--encryption-key <arn>", "KMS key that encrypts the snapshot (default: as the account does)")
    .option(...SITES)
    .option("--json", "one JSON object a line on standard output: progress, published, error")
    .action((file, site, options) =>
      (load("./image-edge-publish") as typeof import("./image-edge-publish.js")).imageEdgePublish(file, site, options),
    );

  edge
    .command("serve")
    .description("announce an update to a share of a site's devices, and serve it to them until all have it")
    .argument("<site>", "site of the devices")
    .argument("<update>", "the .update file that 'dmz image edge build' wrote")
    .requiredOption("--percent <n>", "share of the devices that take it; a higher one later only adds devices")
    .option("--as <folder>", "bundle of the client that serves (default: the site's updater below .dmz/<site>/clients)")
    .option("--key <file>", "key that signed it, or its public half (default: .dmz/update-signing.key)")
    .option(...SITES)
    .option("--json", "one JSON object a line on standard output: serving, announced, fetching, running, error")
    .action((site, file, options) =>
      (load("./image-edge-serve") as typeof import("./image-edge-serve.js")).imageEdgeServe(site, file, options),
    );

  ofClass(edge.command("container"))
    .description("build the agent alone as a container image, for gateways that keep their own system")
    .option("--platform <platform>", "linux/amd64 or linux/arm64 (default: what the class is declared with)")
    .option("--output <folder>", "OCI layout to write (default: dist/edge-image/<site>-<class>-container)")
    .option("--key <file>", "signing key, made on first use (default: .dmz/image-signing.key)")
    .option("--kms-key <arn>", "sign with this key in KMS instead (ECC_NIST_P256)")
    .option(...SITES)
    .option("--json", "one JSON object a line on standard output: progress, built, error")
    .action((site, deviceClass, options) =>
      (load("./image-edge-container") as typeof import("./image-edge-container.js")).imageEdgeContainer(
        site,
        deviceClass,
        options,
      ),
    );

  edge
    .command("rules")
    .description("print the firewall of a site's edge devices, for a gateway that keeps its own system")
    .argument("[site]", `site of the devices; ${ONLY_ONE}`)
    .option("--agent <uid>", "account number that the agent's container runs as on the host")
    .option("--resolver <uid>", "account number of the host's resolver")
    .option("--time <uid>", "account number of the host's time service")
    .option("--network <uid>", "account number of the host's DHCP client")
    .option("--check", "compare with the rules that this machine has loaded, and with what listens on it")
    .option(...SITES)
    .action((site, options) =>
      (load("./image-edge-rules") as typeof import("./image-edge-rules.js")).imageEdgeRules(site, options),
    );
  return edge;
}

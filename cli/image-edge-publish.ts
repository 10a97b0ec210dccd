import { basename } from "node:path";
import { architectureOf } from "../policy/architecture";
import { chooseSite } from "./choose-site";
import { CommandError } from "./command-error";
import { type ImageName, readImageName } from "./edge/image-name";
import { verifySigned } from "./edge/verify-detached";
import { uploadSnapshot } from "./edge/upload-snapshot";
import { EXIT } from "./exit-code";
import { verificationKey } from "./image/verification-key";
import { createOutput } from "./output";
import { readSites } from "./read-sites";
import { runSteps } from "./run-steps";

export interface ImageEdgePublishOptions {
  readonly key?: string;
  readonly kmsKey?: string;
  readonly encryptionKey?: string;
  readonly sites?: string;
  readonly json?: boolean;
}

/** `dmz image edge publish <image> [site]`. */
export async function imageEdgePublish(
  file: string,
  siteName: string | undefined,
  options: ImageEdgePublishOptions,
): Promise<void> {
  const output = createOutput(options.json ?? false);
  const { sites, folder } = readSites(options.sites, siteName);
  const site = chooseSite(siteName, sites, folder);
  const { account, region } = site.aws;
  const { deviceClass, version, architecture } = readName(file, site.name);
  const declared = architectureOf(site, deviceClass);
  if (architecture !== declared)
    throw new CommandError(
      `${file}: is for ${architecture} machines, and site ${site.name} says that those of class '${deviceClass}' are ${declared}`,
      "build the class's image anew, or correct 'deviceClasses'",
      EXIT.usage,
    );
  const encryption = options.encryptionKey;
  if (encryption !== undefined && !encryption.startsWith(`arn:aws:kms:${region}:${account}:`))
    throw new CommandError(
      `--encryption-key: must be the ARN of a KMS key in ${account} and ${region}, got '${encryption}'`,
      "the deployed site's output 'edge_image_key' is one",
      EXIT.usage,
    );
  const key = await verificationKey(options);
  let sha256 = "";
  let result: Awaited<ReturnType<typeof uploadSnapshot>> | undefined;
  await runSteps(
    [
      {
        title: "Verify",
        run: async () => {
          // Only what was built and signed: an image that was provisioned holds a device's key and password.
          ({ sha256 } = await verifySigned(file, key, options.kmsKey ?? options.key ?? "the signing key"));
          return sha256;
        },
      },
      {
        title: "Upload",
        run: async (report) => {
          const name = basename(file, ".raw");
          const tags = {
            Name: name,
            project: "mqtt-dmz",
            site: site.name,
            "device-class": deviceClass,
            architecture,
            version,
          };
          const props = { file, sha256, region, description: `mqtt-dmz edge image ${name}`, tags, onProgress: report };
          result = await uploadSnapshot({ ...props, ...(encryption !== undefined && { kmsKey: encryption }) });
          return `${result.blocks} blocks${result.resumed > 0 ? `, ${result.resumed} of them from before` : ""}`;
        },
      },
    ],
    output,
  );
  const { snapshot, status, blocks } = result!;
  const image = { deviceClass, version, architecture, snapshot, published: new Date().toISOString().slice(0, 10) };
  output.event("published", { ...image, sha256, blocks, status });
  output.text();
  output.text(`Snapshot ${snapshot} is ${status}. Write it into the site's file:`);
  output.text(`  edgeImages: { images: [${JSON.stringify(image)}] }`);
}

/** What `dmz image edge build` put into the file's name, which is signed with the content. */
function readName(file: string, site: string): ImageName {
  const name = readImageName(basename(file), site);
  if (name) return name;
  throw new CommandError(
    `${file}: must be an image of site ${site}, ${site}-<device class>-<version>.raw`,
    "name the .raw file that 'dmz image edge build' wrote",
    EXIT.usage,
  );
}

import { join, resolve } from "node:path";
import { bootstrapName } from "../policy/bootstrap";
import type { Site } from "../policy/site";
import { chooseSite } from "./choose-site";
import { CommandError } from "./command-error";
import { EXIT } from "./exit-code";
import { DEFAULT_LAYOUT } from "./image-build";
import { ecrLogin } from "./image/ecr-login";
import { OciLayout } from "./image/oci-layout";
import { pushImage } from "./image/push-image";
import type { Repository } from "./image/registry";
import { type KeyOptions, verificationKey } from "./image/verification-key";
import { createOutput } from "./output";
import { readSites } from "./read-sites";

export interface ImagePushOptions extends KeyOptions {
  readonly to?: string;
  readonly image?: string;
  readonly sites?: string;
  readonly json?: boolean;
}

/** `dmz image push <site>`. */
export async function imagePush(siteName: string | undefined, options: ImagePushOptions): Promise<void> {
  const progress = createOutput(options.json ?? false);
  // A copy in a folder is nobody's yet; any other push ends in a site's file.
  const forSite = siteName !== undefined || !options.to?.startsWith("oci:");
  const read = forSite ? readSite(siteName, options.sites) : undefined;
  const site = read?.site;
  if (options.to) requireRepositoryName(options.to);
  const layout = new OciLayout(resolve(options.image ?? DEFAULT_LAYOUT));
  if (!(await layout.exists())) {
    throw new CommandError(
      `${layout.folder}: there is no image`,
      "make one with 'dmz image build', or name it with --image",
    );
  }
  const pushed = await pushImage(
    { layout, trusted: await verificationKey(options), repository: (work) => repository(site, options.to, work) },
    progress,
  );
  progress.event("pushed", { ...pushed, ...(site && { site: site.name }) });
  progress.text();
  if (!read || options.to?.startsWith("oci:")) return progress.text(`Copied: ${pushed.reference}`);
  progress.text(`Write this into ${join(read.folder, `${read.site.name}.ts`)}, and deploy:`);
  progress.text();
  progress.text(`  broker: { image: "${pushed.reference}" },`);
}

function readSite(name: string | undefined, sitesFolder: string | undefined): { site: Site; folder: string } {
  const { sites, folder } = readSites(sitesFolder, name);
  return { site: chooseSite(name, sites, folder), folder };
}

/** The one named with --to, with skopeo's own credentials; or the registry of the site's account, with AWS's. */
async function repository(site: Site | undefined, to: string | undefined, work: string): Promise<Repository> {
  if (!site || to) return { name: to! };
  const authFile = join(work, "auth.json");
  const host = await ecrLogin(site.aws.account, site.aws.region, authFile);
  return { name: `${host}/${bootstrapName.repository}`, authFile };
}

/** @throws CommandError if the name has a tag or a digest: those follow from the image */
function requireRepositoryName(to: string): void {
  if (/^oci:[^:]+$/.test(to) || /^[\w.-]+(:\d+)?\/[a-z0-9._/-]+$/.test(to)) return;
  throw new CommandError(
    `--to: must be <registry>/<repository> or oci:<folder>, without tag or digest, got '${to}'`,
    "the tag is made from version and digest",
    EXIT.usage,
  );
}

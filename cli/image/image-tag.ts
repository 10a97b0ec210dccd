import { CommandError } from "../command-error";
import { LAYOUT_TAG } from "./image-name";
import type { OciLayout } from "./oci-layout";

/**
 * The tag of the image in a layout: ours after a build, the registry's after `dmz image push --to oci:<folder>`.
 * @throws CommandError if there is none, or it is not clear which is meant
 */
export async function imageTag(layout: OciLayout): Promise<string> {
  const tags = (await layout.tags()).filter((tag) => !/\.(sig|sbom)$/.test(tag));
  if (tags.includes(LAYOUT_TAG)) return LAYOUT_TAG;
  if (tags.length === 1) return tags[0]!;
  throw new CommandError(
    `${layout.folder}: must hold one image, got ${tags.length === 0 ? "none" : tags.join(", ")}`,
    "name a folder of 'dmz image build', or one that a single image was pushed to",
  );
}

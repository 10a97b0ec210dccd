import { gunzipSync } from "node:zlib";
import { CommandError } from "../command-error";
import { LAYOUT_TAG } from "./image-name";
import type { Descriptor, OciLayout } from "./oci-layout";
import { tarEntries, type TarEntry } from "./tar-entries";

/**
 * What the image's layers hold, in their order, folders left out. A file that a later layer deletes is still listed:
 * it is still in what is pulled.
 * @throws CommandError for a layer that is not the gzipped tar that we build
 */
export async function* layerEntries(layout: OciLayout): AsyncGenerator<TarEntry> {
  const image = await layout.find(LAYOUT_TAG);
  if (!image) return;
  for (const layer of (await layout.readManifest(image)).layers) {
    requireGzip(layer, layout);
    for (const entry of tarEntries(gunzipSync(await layout.readBlob(layer)))) if (entry.type !== "folder") yield entry;
  }
}

function requireGzip({ mediaType }: Descriptor, layout: OciLayout): void {
  if (mediaType === "application/vnd.oci.image.layer.v1.tar+gzip") return;
  throw new CommandError(
    `${layout.folder}: a layer must be a gzipped tar archive, got ${mediaType}`,
    "what is in it cannot be checked: build the image with 'dmz image build'",
  );
}

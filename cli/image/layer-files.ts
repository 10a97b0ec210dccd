import type { Descriptor, OciLayout } from "./oci-layout";
import { runTool } from "./run-tool";

/** A file of a layer, as tar lists it. */
export interface LayerFile {
  /** Without a leading slash. */
  readonly path: string;
  /** As `ls -l` shows it: `-rwxr-xr-x`. */
  readonly mode: string;
}

/** What a gzipped tar layer holds, folders left out. */
export async function listLayer(layout: OciLayout, layer: Descriptor): Promise<LayerFile[]> {
  const path = layout.blobPath(layer.digest);
  const listing = (await runTool("tar", ["--numeric-owner", "-tvzf", path])).toString();
  return listing
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("d"))
    .map((line) => {
      // mode owner/group size date time path [-> target | link to target]
      const [, mode, file] = /^(\S+)\s+\S+\s+\S+\s+\S+\s+\S+\s(.*?)(?: -> .*| link to .*)?$/.exec(line) ?? [];
      return { mode: mode ?? "", path: (file ?? line).replace(/^\.?\//, "") };
    });
}

/** One file's content. */
export async function readLayerFile(layout: OciLayout, layer: Descriptor, path: string): Promise<string> {
  return (await runTool("tar", ["-xzOf", layout.blobPath(layer.digest), path])).toString();
}

import { EDGE_PATHS, type EdgeImage } from "../../policy/edge-device";
import { CommandError } from "../command-error";
import { runTool, ToolFailed } from "../image/run-tool";

/**
 * What a disk image says of itself, read out of its first slot's root: for which site, class and devices it was built.
 * Nothing is mounted.
 * @param slot where the slot's root begins, bytes from the disk's beginning
 * @throws CommandError if there is no root of ours
 */
export async function readDiskImage(disk: string, slot: number): Promise<EdgeImage> {
  const refused = (why: string): CommandError =>
    new CommandError(
      `${disk}: ${why}`,
      "name the .raw file that 'dmz image edge build' wrote; unpack a .zst with zstd -d",
    );
  const path = EDGE_PATHS.image.slice(1);
  const text = await runTool("unsquashfs", ["-o", String(slot), "-cat", disk, path]).catch((error: unknown) => {
    if (error instanceof ToolFailed)
      throw refused(`slot 'dmz-slot-a' must hold a root with ${path}: ${error.complaint}`);
    throw error;
  });
  let image: Partial<EdgeImage> | null;
  try {
    image = JSON.parse(text.toString()) as Partial<EdgeImage> | null;
  } catch {
    throw refused(`${path} in its slot must be JSON`);
  }
  if (image?.version !== 1) throw refused(`${path} in its slot must be of version 1, got '${String(image?.version)}'`);
  return image as EdgeImage;
}

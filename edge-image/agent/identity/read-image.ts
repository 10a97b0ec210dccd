import { readFile } from "node:fs/promises";
import type { EdgeImage } from "../../../policy/edge-device";
import { isImageVersion } from "../../../policy/image-version";
import { AgentFault } from "../agent-fault";

const CLASS = /^[a-z0-9][a-z0-9-]{0,31}$/;

/**
 * Reads what the image says of itself.
 * @throws AgentFault naming the file and the field
 */
export async function readImage(path: string): Promise<EdgeImage> {
  const wrong = (rule: string): AgentFault =>
    new AgentFault("image", `${path}: ${rule}; this image was not built by 'dmz image edge build', or was damaged`);
  let image: Partial<EdgeImage> | null;
  try {
    image = JSON.parse(await readFile(path, "utf8")) as Partial<EdgeImage> | null;
  } catch (error) {
    throw wrong(`cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
  if (typeof image !== "object" || image === null || image.version !== 1)
    throw wrong("must be a JSON object of version 1");
  const { site, host, deviceClass, imageVersion, builtAt, updateKeys, devices, queue } = image;
  if (typeof site !== "string" || typeof host !== "string") throw wrong("'site' and 'host' must be texts");
  if (typeof deviceClass !== "string" || !CLASS.test(deviceClass)) throw wrong(`'deviceClass' must match ${CLASS}`);
  if (!isImageVersion(imageVersion)) throw wrong("'imageVersion' must be whole numbers with dots");
  if (typeof builtAt !== "number" || !Number.isInteger(builtAt)) throw wrong("'builtAt' must be Unix seconds");
  if (!Array.isArray(updateKeys) || !updateKeys.every((key) => typeof key === "string"))
    throw wrong("'updateKeys' must be a list of public keys in PEM");
  if (devices !== undefined && !Array.isArray(devices)) throw wrong("'devices' must be a list of names");
  if (queue !== undefined) {
    const sound = queue.maxBytes >= 1_048_576 && queue.maxAgeHours > 0;
    if (!sound || !["drop-oldest", "refuse-new"].includes(queue.overflow))
      throw wrong("'queue' must have maxBytes (1 MiB or more), maxAgeHours and overflow (drop-oldest or refuse-new)");
  }
  return image as EdgeImage;
}

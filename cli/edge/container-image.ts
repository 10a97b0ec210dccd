import { version } from "../../package.json";
import { type EdgeImage, edgeImage } from "../../policy/edge-device";
import type { Site } from "../../policy/site";

/**
 * What the container form of a device says of itself. It trusts no key for updates: a container cannot exchange its own image,
 * so its agent refuses what is announced, and the host pulls a newer one.
 * @param builtAt Unix seconds
 */
export const containerImage = (site: Site, deviceClass: string, builtAt: number): EdgeImage =>
  edgeImage(site, { deviceClass, imageVersion: version, builtAt, updateKeys: [] });

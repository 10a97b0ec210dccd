import { type Architecture, ARCHITECTURES, DEFAULT_ARCHITECTURE } from "../../policy/architecture";

/** What the name of a disk image says of it; the name is signed with the content. */
export interface ImageName {
  readonly site: string;
  readonly deviceClass: string;
  readonly version: string;
  readonly architecture: Architecture;
}

/** `plant-gateway-1.4.0`, or `plant-camera-1.4.0-arm64` for another processor than most have. */
export const imageName = ({ site, deviceClass, version, architecture }: ImageName): string =>
  [site, deviceClass, version, ...(architecture === DEFAULT_ARCHITECTURE ? [] : [architecture])].join("-");

/** @returns undefined if this is no image of the site */
export const readImageName = (file: string, site: string): ImageName | undefined => {
  if (!file.startsWith(`${site}-`)) return undefined;
  const [, deviceClass, version, suffix] =
    /^(.+)-(\d+(?:\.\d+){0,3})(?:-([a-z0-9_]+))?\.raw$/.exec(file.slice(site.length + 1)) ?? [];
  const architecture = suffix === undefined ? DEFAULT_ARCHITECTURE : ARCHITECTURES.find((each) => each === suffix);
  if (deviceClass === undefined || version === undefined || architecture === undefined) return undefined;
  const name = { site, deviceClass, version, architecture };
  return `${imageName(name)}.raw` === file ? name : undefined;
};

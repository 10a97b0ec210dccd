import type { Architecture } from "./architecture";
import { compareVersions } from "./compare-versions";

/** A published image of edge devices, as `dmz image edge publish` prints it. */
export interface PublishedEdgeImage {
  /** As edge devices of the site name it. */
  readonly deviceClass: string;
  /** Whole numbers with dots; once a class. */
  readonly version: string;
  /** Of the machines that it starts on; its class's. @default "x86_64" */
  readonly architecture?: Architecture;
  /** `snap-...`, in the site's account and region. */
  readonly snapshot: string;
  /** ISO date, UTC. */
  readonly published: string;
}

/** Images of edge devices that run as EC2 instances: which there are, who may start them, and for how long. */
export interface EdgeImages {
  readonly images: readonly PublishedEdgeImage[];
  /** Accounts that may start instances from them, twelve digits each. @default none but the site's own */
  readonly shareWith?: readonly string[];
  /** Newest versions of each class that stay registered, 1 to 20. @default 3 */
  readonly keep?: number;
  /** Days after which a version is deprecated: still there, and not offered any more. @default 365 */
  readonly deprecateAfterDays?: number;
}

export const EDGE_IMAGES_DEFAULTS = { shareWith: [], keep: 3, deprecateAfterDays: 365 } as const;

/** Who may publish: assumed by the deployer role. */
export const edgePublisherRole = (site: string): string => `${site}-edge-publisher`;

/** Alias of the key that encrypts the images. */
export const edgeImageKeyAlias = (site: string): string => `alias/${site}-edge-images`;

/** The images that stay: of each class the newest, in the order of the declaration. */
export const keptEdgeImages = (images: readonly PublishedEdgeImage[], keep: number): readonly PublishedEdgeImage[] =>
  images.filter(
    ({ deviceClass, version }) =>
      images.filter((other) => other.deviceClass === deviceClass && compareVersions(other.version, version) > 0)
        .length < keep,
  );

/** When a version is deprecated: midnight UTC, as EC2 writes times. */
export const deprecationTime = ({ published }: PublishedEdgeImage, afterDays: number): string =>
  new Date(Date.parse(published) + afterDays * 86_400_000).toISOString().replace(/\.\d+Z$/, "Z");

import type { Site } from "./site";

/** Processor of a class of edge devices, in EC2's words. */
export const ARCHITECTURES = ["x86_64", "arm64"] as const;

export type Architecture = (typeof ARCHITECTURES)[number];

/** Of a class whose declaration says nothing else. */
export const DEFAULT_ARCHITECTURE: Architecture = "x86_64";

/** The processor of a class of the site's edge devices. */
export const architectureOf = ({ deviceClasses }: Pick<Site, "deviceClasses">, deviceClass: string): Architecture =>
  deviceClasses?.[deviceClass]?.architecture ?? DEFAULT_ARCHITECTURE;

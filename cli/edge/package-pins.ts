import type { Component } from "../image/component";

/** What one Debian package is pinned to. */
export interface PackagePin {
  readonly version: string;
  /** Of the .deb file, hexadecimal. */
  readonly sha256: string;
}

export type PackagePins = Readonly<Record<string, PackagePin>>;

/** Reads the control paragraphs' fields Package, Version and SHA256 that the build leaves in `packages.txt`. */
export function readPins(listing: string): PackagePins {
  const pins: Record<string, PackagePin> = {};
  let [name, version] = ["", ""];
  for (const line of listing.split("\n")) {
    const [, field, value] = /^(\w+): (.*)$/.exec(line) ?? [];
    if (field === "Package") name = value!;
    if (field === "Version") version = value!;
    if (field === "SHA256") pins[name] = { version, sha256: value! };
  }
  return Object.fromEntries(Object.entries(pins).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @returns one line for each package that is not as pinned: `libc6: pinned 2.36-9+deb12u10, got 2.36-9+deb12u11` */
export function pinDifferences(pinned: PackagePins, got: PackagePins): string[] {
  const names = [...new Set([...Object.keys(pinned), ...Object.keys(got)])].sort();
  const text = (pin: PackagePin | undefined) => (pin ? `${pin.version} (${pin.sha256.slice(0, 12)})` : "nothing");
  return names
    .filter((name) => pinned[name]?.version !== got[name]?.version || pinned[name]?.sha256 !== got[name]?.sha256)
    .map((name) => `${name}: pinned ${text(pinned[name])}, got ${text(got[name])}`);
}

/** The pins as the bill of materials lists them. */
export function pinComponents(pins: PackagePins, architecture: string): Component[] {
  return Object.entries(pins).map(([name, { version, sha256 }]) => ({
    kind: "library",
    name,
    version,
    sha256,
    purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-12`,
  }));
}

import type { Component } from "./component";

/**
 * The Debian packages that dpkg's records name: one paragraph each, as in /var/lib/dpkg/status (deb-control(5)).
 * @param distribution `debian-12`: `ID-VERSION_ID` of os-release
 */
export function debianComponents(records: string, distribution: string): Component[] {
  return records
    .split(/\n\s*\n/)
    .map(fields)
    .filter((record) => record["Package"] !== undefined && record["Version"] !== undefined)
    .filter((record) => record["Status"] === undefined || record["Status"].endsWith(" installed"))
    .map((record) => {
      const { Package: name, Version: version, Architecture: architecture, SHA256: sha256 } = record;
      const where = `arch=${architecture ?? "all"}&distro=${distribution}`;
      return {
        kind: "library" as const,
        name: name!,
        version: version!,
        purl: `pkg:deb/debian/${encodeURIComponent(name!)}@${encodeURIComponent(version!)}?${where}`,
        ...(sha256 && { sha256 }),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Single-line fields of one paragraph; continuation lines are not for us. */
function fields(paragraph: string): Record<string, string> {
  const lines = paragraph.split("\n").map((line) => /^([A-Za-z0-9-]+):\s*(.*)$/.exec(line));
  return Object.fromEntries(lines.filter((match) => match !== null).map(([, name, value]) => [name, value]));
}

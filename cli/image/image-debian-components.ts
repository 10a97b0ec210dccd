import type { Component } from "./component";
import { debianComponents } from "./debian-components";
import { CommandError } from "../command-error";
import { layerEntries } from "./layer-entries";
import type { OciLayout } from "./oci-layout";

const DPKG_RECORDS = /^var\/lib\/dpkg\/(status|status\.d\/[^/]+)$/;

/**
 * Which Debian packages the image has by its own records, whichever base it was made from.
 * @throws CommandError if it has no records: a bill of materials that leaves out the base would be a lie
 */
export async function imageDebianComponents(layout: OciLayout, base: string): Promise<Component[]> {
  const records: string[] = [];
  let release = "";
  for await (const { path, type, content } of layerEntries(layout)) {
    if (type !== "file") continue;
    if (DPKG_RECORDS.test(path) && !path.endsWith(".md5sums")) records.push(content.toString());
    if (path === "usr/lib/os-release") release = content.toString();
  }
  const value = (name: string) => new RegExp(`^${name}="?([^"\\n]*)`, "m").exec(release)?.[1] ?? "";
  const packages = debianComponents(records.join("\n\n"), `${value("ID")}-${value("VERSION_ID")}`);
  if (packages.length === 0) {
    throw new CommandError(
      `--base ${base}: has no dpkg records, so what is in it is unknown`,
      "choose a base made of Debian packages",
    );
  }
  const system = { name: value("ID"), version: value("VERSION_ID") };
  return [{ kind: "operating-system", ...system, purl: `pkg:generic/${system.name}@${system.version}` }, ...packages];
}

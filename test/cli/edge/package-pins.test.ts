import { expect, test } from "@jest/globals";
import { EDGE_TARGETS } from "../../../cli/edge/edge-target";
import { type PackagePins, pinComponents, pinDifferences, readPins } from "../../../cli/edge/package-pins";
import amd64 from "../../../edge-image/packages.amd64.json";
import arm64 from "../../../edge-image/packages.arm64.json";
import { packages } from "../../../edge-image/packages.json";
import { type Architecture, ARCHITECTURES } from "../../../policy/architecture";

const listing =
  "Package: zlib1g\nVersion: 1:1.2-3\nArchitecture: amd64\nSHA256: bb\nPackage: apt\nVersion: 2\nSHA256: aa\n";

test("pins are read from control paragraphs, sorted by name", () => {
  expect(readPins(listing)).toEqual({
    apt: { version: "2", sha256: "aa" },
    zlib1g: { version: "1:1.2-3", sha256: "bb" },
  });
  expect(Object.keys(readPins(listing))).toEqual(["apt", "zlib1g"]);
});

test("a package that is newer, rebuilt, missing or added is a difference", () => {
  const pins = readPins(listing);
  expect(pinDifferences(pins, pins)).toEqual([]);
  expect(pinDifferences(pins, { ...pins, apt: { version: "3", sha256: "aa" } })).toEqual([
    expect.stringMatching(/^apt: pinned 2/),
  ]);
  expect(pinDifferences(pins, { ...pins, apt: { version: "2", sha256: "cc" } })).toHaveLength(1);
  expect(pinDifferences(pins, { apt: pins["apt"]! })).toEqual([expect.stringMatching(/zlib1g: .*got nothing/)]);
  expect(pinDifferences({}, pins)).toHaveLength(2);
});

const PINNED: Readonly<Record<Architecture, PackagePins>> = { x86_64: amd64, arm64 };

test.each(ARCHITECTURES)("every package that the image for %s asks for is pinned by version and SHA-256", (each) => {
  for (const name of [...packages, EDGE_TARGETS[each].kernelPackage]) expect(Object.keys(PINNED[each])).toContain(name);
  for (const pin of Object.values(PINNED[each])) {
    expect(pin.version).toMatch(/\d/);
    expect(pin.sha256).toMatch(/^[0-9a-f]{64}$/);
  }
});

test.each(ARCHITECTURES)("nothing that listens for log-ins or compiles is among those for %s", (each) => {
  const unwanted = /ssh|telnet|^gcc-\d+$|^g\+\+|python|^cpp|avahi|cups|wpa/;
  expect(Object.keys(PINNED[each]).filter((name) => unwanted.test(name))).toEqual([]);
});

test("both processors' images have the same packages in the same versions, but for the kernel and BIOS", () => {
  const versions = (pins: PackagePins): Record<string, string> =>
    Object.fromEntries(
      Object.entries(pins)
        .map(([name, { version }]) => [name.replace(/^(linux-image.*)-a(md|rm)64$/, "$1"), version] as const)
        // Processors that start by BIOS have its boot loader beside.
        .filter(([name]) => !/^grub-/.test(name))
        // A rebuild of the same source on one of them alone.
        .map(([name, version]) => [name, version.replace(/\+b\d+$/, "")]),
    );
  expect(versions(arm64)).toEqual(versions(amd64));
});

test("a package's URL escapes its version", () => {
  expect(pinComponents(readPins(listing), "amd64")[1]!.purl).toBe(
    "pkg:deb/debian/zlib1g@1%3A1.2-3?arch=amd64&distro=debian-12",
  );
});

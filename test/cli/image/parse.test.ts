import { describe, expect, test } from "@jest/globals";
import { parseBase } from "../../../cli/image/base-image";
import { debianComponents } from "../../../cli/image/debian-components";
import { checkIntegrity } from "../../../cli/image/fetch-node";
import { parseSource } from "../../../cli/image/parse-source";
import { parsePlatform } from "../../../cli/image/platform";
import { reproducibleTime } from "../../../cli/image/reproducible-time";

const digest = `sha256:${"0".repeat(64)}`;

describe("what a build is made of is pinned", () => {
  test("a base is Debian's packages, or an image by digest", () => {
    expect(parseBase("debian-packages")).toBe("scratch");
    expect(parseBase(`registry.example.com:5000/base/cc@${digest}`)).toBe(
      `registry.example.com:5000/base/cc@${digest}`,
    );
  });

  test.each(["debian:bookworm-slim", "debian", "", `x@${digest}0`, `x@sha256:short`, `--privileged@${digest} x`])(
    "the base '%s' is refused",
    (base) => expect(() => parseBase(base)).toThrow("--base: must be 'debian-packages' or an image by digest"),
  );

  test("a Node package that differs from the pin is refused", () => {
    const pin = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";
    expect(() => checkIntegrity("empty", Buffer.alloc(0), pin)).not.toThrow();
    expect(() => checkIntegrity("node", Buffer.from("x"), pin)).toThrow("node: its integrity must be sha512-z4PhN");
  });

  test("the time in the image is SOURCE_DATE_EPOCH, or always the same", () => {
    expect(reproducibleTime({ SOURCE_DATE_EPOCH: "1750000000" })).toBe(1_750_000_000);
    expect(reproducibleTime({})).toBe(reproducibleTime({}));
    expect(() => reproducibleTime({ SOURCE_DATE_EPOCH: "yesterday" })).toThrow("got 'yesterday'");
  });

  test("only platforms that Fargate has are built", () => {
    expect(parsePlatform("linux/arm64")).toBe("linux/arm64");
    expect(() => parsePlatform("windows/amd64")).toThrow("--platform: 'windows/amd64' is not built");
  });
});

test("an image is named by a layout's folder, a digest or a tag", async () => {
  await expect(parseSource("oci:/some/where")).resolves.toMatchObject({ layout: { folder: "/some/where" } });
  await expect(parseSource(`127.0.0.1:5000/a/b@${digest}`)).resolves.toEqual({
    repository: "127.0.0.1:5000/a/b",
    reference: `@${digest}`,
  });
  await expect(parseSource("registry.example.com/a/b:1.0")).resolves.toEqual({
    repository: "registry.example.com/a/b",
    reference: ":1.0",
  });
  await expect(parseSource("/no/such/folder")).rejects.toThrow(
    "is neither a folder with an image nor an image in a registry",
  );
});

test("dpkg's records are read whichever way the base keeps them", () => {
  const status =
    "Package: libc6\nStatus: install ok installed\nVersion: 2.36-9+deb12u14\nArchitecture: amd64\nDescription: x\n Package: not\n";
  const removed = "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n";
  const bare = `Package: tzdata\nVersion: 2026a\nArchitecture: all\nSHA256: ${"a".repeat(64)}\n`;
  expect(debianComponents([status, removed, bare].join("\n\n"), "debian-12")).toEqual([
    {
      kind: "library",
      name: "libc6",
      version: "2.36-9+deb12u14",
      purl: "pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12",
    },
    {
      kind: "library",
      name: "tzdata",
      version: "2026a",
      purl: "pkg:deb/debian/tzdata@2026a?arch=all&distro=debian-12",
      sha256: "a".repeat(64),
    },
  ]);
});

import { expect, test } from "@jest/globals";
import { defineSite } from "../../policy/define-site";
import { deprecationTime, keptEdgeImages, type PublishedEdgeImage } from "../../policy/edge-images";
import { faultsOf, valid } from "./declaration";

const image = (version: string, deviceClass = "gateway"): PublishedEdgeImage => ({
  deviceClass,
  version,
  snapshot: "snap-0123456789abcdef0",
  published: "2026-05-31",
});

test("of each class the newest versions stay, whatever the order in which they are declared", () => {
  const images = [image("1.9.0"), image("1.10.0"), image("0.1.0", "camera"), image("1.2.0"), image("1.9.1")];
  const versions = (keep: number) => keptEdgeImages(images, keep).map(({ version }) => version);
  expect(versions(1)).toEqual(["1.10.0", "0.1.0"]);
  expect(versions(2)).toEqual(["1.10.0", "0.1.0", "1.9.1"]);
  expect(versions(9)).toHaveLength(5);
});

test("a version is deprecated so many days after it was published", () => {
  expect(deprecationTime(image("1.0.0"), 365)).toBe("2027-05-31T00:00:00Z");
  expect(deprecationTime(image("1.0.0"), 1)).toBe("2026-06-01T00:00:00Z");
});

test("a site that declares images gets what it left out", () => {
  const site = defineSite({ ...valid, edgeImages: { images: [image("1.0.0")] } });
  expect(site.edgeImages).toEqual({ images: [image("1.0.0")], shareWith: [], keep: 3, deprecateAfterDays: 365 });
  expect(defineSite(valid).edgeImages).toBeUndefined();
});

const { account } = valid.aws;
test.each([
  ["no list", { images: "x" }, "edgeImages.images"],
  ["an unknown field", { images: [], public: true }, "edgeImages"],
  ["a snapshot that is none", { images: [{ ...image("1.0.0"), snapshot: "ami-0123456789" }] }, "snapshot"],
  ["a version in words", { images: [image("latest")] }, "version"],
  ["a class in capitals", { images: [image("1.0.0", "Gateway")] }, "deviceClass"],
  ["a day that does not exist", { images: [{ ...image("1.0.0"), published: "2026-02-30" }] }, "published"],
  ["a version twice", { images: [image("1.0.0"), image("1.0.0")] }, "edgeImages.images[1]"],
  ["all the world", { images: [], shareWith: ["all"] }, "edgeImages.shareWith[0]"],
  ["an account as a number", { images: [], shareWith: [210987654321] }, "edgeImages.shareWith[0]"],
  ["the site's own account", { images: [], shareWith: [account] }, "edgeImages.shareWith[0]"],
  ["an account twice", { images: [], shareWith: ["210987654321", "210987654321"] }, "edgeImages.shareWith[1]"],
  ["none to keep", { images: [], keep: 0 }, "edgeImages.keep"],
  ["deprecation in the past", { images: [], deprecateAfterDays: 0 }, "edgeImages.deprecateAfterDays"],
])("%s is a fault", (_, edgeImages, path) => {
  const faults = faultsOf({ ...valid, edgeImages } as never);
  expect(faults.map((fault) => fault.path).join(" ")).toContain(path);
});

import { describe, expect, test } from "@jest/globals";
import { architectureOf } from "../../policy/architecture";
import { defineSite } from "../../policy/define-site";
import type { PublishedEdgeImage } from "../../policy/edge-images";
import { faultsOf, valid } from "./declaration";

const { role } = valid.edge[0]!;
const edge = [
  { name: "gw-1", role },
  { name: "gw-2", role, deviceClass: "gateway-arm" },
];
const deviceClasses = { "gateway-arm": { architecture: "arm64" } } as const;

const image = (deviceClass: string, architecture?: PublishedEdgeImage["architecture"]): PublishedEdgeImage => ({
  deviceClass,
  version: "1.0.0",
  ...(architecture && { architecture }),
  snapshot: "snap-0123456789abcdef0",
  published: "2026-05-31",
});

test("a class is of x86-64 machines unless the site says another processor", () => {
  const site = defineSite({ ...valid, edge, deviceClasses });
  expect(architectureOf(site, "gateway-arm")).toBe("arm64");
  expect(architectureOf(site, "gateway")).toBe("x86_64");
  expect(architectureOf(defineSite({ ...valid, edge }), "gateway-arm")).toBe("x86_64");
  expect(architectureOf(defineSite({ ...valid, edge, deviceClasses: { gateway: {} } }), "gateway")).toBe("x86_64");
});

test("nobody changes a class of a validated site", () => {
  const classes = { "gateway-arm": { architecture: "arm64" as "arm64" | "x86_64" } };
  const site = defineSite({ ...valid, edge, deviceClasses: classes });
  classes["gateway-arm"].architecture = "x86_64";
  expect(architectureOf(site, "gateway-arm")).toBe("arm64");
  expect(() => Object.assign(site.deviceClasses!["gateway-arm"]!, { architecture: "x86_64" })).toThrow(TypeError);
});

describe("a fault is", () => {
  test.each([
    ["a list", ["gateway-arm"], "deviceClasses", /one entry a class/, /\{/],
    ["a class that no device has", { "gatway-arm": {} }, "deviceClasses.gatway-arm", /edge device/, /'gateway-arm'/],
    ["a class named as nothing here", { camera: {} }, "deviceClasses.camera", /edge device/, /'deviceClass'/],
    [
      "another word for a processor",
      { "gateway-arm": { architecture: "amd64" } },
      "deviceClasses.gateway-arm.architecture",
      /"x86_64" or "arm64"/,
      /arm64/,
    ],
    [
      "a property misspelt",
      { gateway: { architectur: "arm64" } },
      "deviceClasses.gateway",
      /no property/,
      /architecture/,
    ],
    ["no object for a class", { gateway: "arm64" }, "deviceClasses.gateway", /must be an object/, /\{/],
  ])("%s", (_, declared, path, rule, fix) => {
    const faults = faultsOf({ ...valid, edge, deviceClasses: declared } as never);
    expect(faults).toHaveLength(1);
    expect(faults[0]!.path).toBe(path);
    expect(faults[0]!.rule).toMatch(rule);
    expect(faults[0]!.fix).toMatch(fix);
  });

  test.each([
    ["an image of an arm64 class that says nothing", image("gateway-arm"), /its device class, "arm64"/],
    ["an image for arm64 of another class", image("gateway", "arm64"), /its device class, "x86_64"/],
    ["an image for a processor that is none", image("gateway", "arm" as never), /its device class, "x86_64"/],
  ])("%s", (_, published, rule) => {
    const faults = faultsOf({ ...valid, edge, deviceClasses, edgeImages: { images: [published] } });
    expect(faults.map(({ path }) => path)).toEqual(["edgeImages.images[0].architecture"]);
    expect(faults[0]!.rule).toMatch(rule);
  });
});

test("an image's processor is that of its class", () => {
  const images = [image("gateway-arm", "arm64"), image("gateway"), { ...image("gateway", "x86_64"), version: "1.1.0" }];
  expect(defineSite({ ...valid, edge, deviceClasses, edgeImages: { images } }).edgeImages!.images).toEqual(images);
});

import { expect, test } from "@jest/globals";
import { imageName, readImageName } from "../../../cli/edge/image-name";

test.each([
  ["gateway", "1.4.0", "x86_64", "plant-gateway-1.4.0"],
  ["gateway-arm", "1.4.0", "arm64", "plant-gateway-arm-1.4.0-arm64"],
  ["cam-2", "7", "arm64", "plant-cam-2-7-arm64"],
  ["arm64", "1.0", "x86_64", "plant-arm64-1.0"],
] as const)("an image of class %s, version %s, for %s is %s, and is read back as that", (...row) => {
  const [deviceClass, version, architecture, text] = row;
  const name = { site: "plant", deviceClass, version, architecture };
  expect(imageName(name)).toBe(text);
  expect(readImageName(`${text}.raw`, "plant")).toEqual(name);
});

test.each([
  ["of another site", "mill-gateway-1.0.0.raw"],
  ["without a version", "plant-gateway.raw"],
  ["for a processor that is not built for", "plant-gateway-1.0.0-riscv64.raw"],
  ["that says what is understood without", "plant-gateway-1.0.0-x86_64.raw"],
  ["that was compressed", "plant-gateway-1.0.0.raw.zst"],
])("no image of the site is one %s", (_, file) => {
  expect(readImageName(file, "plant")).toBeUndefined();
});

import { expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { containerPlatform } from "../../../cli/edge/container-platform";
import { edgeSite } from "../../edge-agent/edge-plant";
import { runDmz } from "../run-dmz";

test("a container for a class that no device is of is not built: the command says which there are", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dmz-class-"));
  try {
    const plant = JSON.stringify(join(__dirname, "../../edge-agent/edge-plant"));
    await writeFile(join(folder, "plant.ts"), `import { edgeSite } from ${plant};\nexport default edgeSite();\n`);
    const args = ["image", "edge", "container", "plant", "camera", "--sites", folder];
    const { code, stderr } = await runDmz(args, { cwd: folder });
    expect(stderr).toContain("no edge device is of class 'camera'; its classes are gateway");
    expect(code).toBe(2);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a container is for the processor that its class is declared with, unless another is asked for", () => {
  const site = { ...edgeSite(), deviceClasses: { oven: { architecture: "arm64" } } } as const;
  expect(containerPlatform(site, "gateway", undefined)).toBe("linux/amd64");
  expect(containerPlatform(site, "oven", undefined)).toBe("linux/arm64");
  expect(containerPlatform(site, "oven", "linux/amd64")).toBe("linux/amd64");
  expect(() => containerPlatform(site, "oven", "linux/s390x")).toThrow(/is not built/);
});

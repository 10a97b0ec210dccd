import { expect, test } from "@jest/globals";
import { join } from "node:path";
import { npmComponents } from "../../../cli/image/npm-components";
import { npmLicences } from "../../../cli/image/npm-licences";

const root = join(__dirname, "../../..");
const metafile = (inputs: Record<string, number>) => ({
  outputs: {
    "dist/x.cjs": {
      inputs: Object.fromEntries(Object.entries(inputs).map(([path, bytesInOutput]) => [path, { bytesInOutput }])),
    },
  },
});

test("each package with bytes in the bundle is listed once, with the version and the hash that are locked", async () => {
  const components = await npmComponents(
    metafile({
      "broker/src/main.ts": 10,
      "node_modules/picocolors/picocolors.js": 5,
      "node_modules/picocolors/other.js": 5,
      "node_modules/@peculiar/x509/build/x509.cjs.js": 1,
      "node_modules/ajv/dist/ajv.js": 0,
    }),
    root,
  );
  expect(components.map(({ purl }) => purl)).toEqual([
    expect.stringMatching(/^pkg:npm\/%40peculiar\/x509@\d/),
    "pkg:npm/picocolors@1.1.1",
  ]);
  expect(components[1]).toMatchObject({ licence: "ISC", sha512: expect.stringMatching(/^[0-9a-f]{128}$/) });
});

test("a package inside another package's folder is itself, not the outer one", async () => {
  await expect(npmComponents(metafile({ "node_modules/ajv/node_modules/inner/x.js": 1 }), root)).rejects.toThrow(
    "ajv/node_modules/inner/package.json",
  );
});

test("the licence text of every bundled package travels along", async () => {
  const text = await npmLicences(
    metafile({ "node_modules/picocolors/picocolors.js": 5, "node_modules/ajv/dist/ajv.js": 0 }),
    root,
  );
  expect(text).toMatch(/^==== picocolors\n\nISC License/);
  expect(text).not.toContain("==== ajv");
});

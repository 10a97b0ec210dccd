import { expect, test } from "@jest/globals";
import Ajv from "ajv";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { billOfMaterials } from "../../../cli/image/bill-of-materials";
import type { Component } from "../../../cli/image/component";

const subject = { digest: `sha256:${"ab".repeat(32)}`, version: "1.2.3" };
const components: readonly Component[] = [
  {
    kind: "library",
    name: "@scope/a",
    version: "1.0.0",
    purl: "pkg:npm/%40scope/a@1.0.0",
    licence: "MIT",
    sha512: "a".repeat(128),
  },
  { kind: "library", name: "b", version: "2.0.0", purl: "pkg:npm/b@2.0.0", licence: "(MIT OR Apache-2.0)" },
  {
    kind: "library",
    name: "libc6",
    version: "2.36",
    purl: "pkg:deb/debian/libc6@2.36?arch=amd64",
    sha256: "b".repeat(64),
  },
  {
    kind: "application",
    name: "node",
    version: "24.0.0",
    purl: "pkg:npm/node@24",
    cpe: "cpe:2.3:a:nodejs:node.js:24.0.0:*:*:*:*:*:*:*",
  },
  { kind: "operating-system", name: "debian", version: "12", purl: "pkg:generic/debian@12" },
];

test("the bill of materials is valid CycloneDX 1.5 by the standard's own schema", () => {
  const folder = join(__dirname, "../../../node_modules/@cyclonedx/cyclonedx-library/res/schema");
  const read = (name: string) =>
    JSON.parse(readFileSync(join(folder, `${name}.SNAPSHOT.schema.json`), "utf8")) as object;
  // Formats are another package's business; the schema's structure is what we can get wrong.
  const ajv = new Ajv({ strict: false, validateFormats: false });
  // They refer to each other by file name, beside the main schema's address.
  for (const name of ["spdx", "jsf-0.82"]) {
    ajv.addSchema({ ...read(name), $id: `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json` });
  }
  const validate = ajv.compile(read("bom-1.5"));
  const bill = JSON.parse(billOfMaterials(subject, components)) as { components: object[] };
  expect(validate(bill) || validate.errors).toBe(true);
  // And the schema can say no.
  expect(validate({ ...bill, components: [{ ...bill.components[0], type: "thing" }] })).toBe(false);
});

test("the same image and components give the same bytes", () => {
  expect(billOfMaterials(subject, components)).toBe(billOfMaterials(subject, components));
});

test("it says which image it is about, and depends on every component", () => {
  const bill = JSON.parse(billOfMaterials(subject, components)) as {
    metadata: { component: { purl: string } };
    dependencies: { ref: string; dependsOn: string[] }[];
  };
  const [image] = bill.dependencies;
  expect(bill.metadata.component.purl).toBe(`pkg:oci/mqtt-dmz-broker@${encodeURIComponent(subject.digest)}`);
  expect(image).toEqual({ ref: bill.metadata.component.purl, dependsOn: components.map(({ purl }) => purl) });
});

import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildTestImage, testImage } from "./test-image";

test("another build, with another umask and clock zone, gives the same disk, update and bill of materials", async () => {
  const first = await testImage();
  const umask = process.umask(0o077);
  const zone = process.env["TZ"];
  process.env["TZ"] = "Pacific/Auckland";
  const again = await buildTestImage("1.0.0", { name: "again" }).finally(() => {
    process.umask(umask);
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });
  expect(again.sha256).toBe(first.sha256);
  expect(again.rootHash).toBe(first.rootHash);
  for (const file of [first.files.bill, `${first.files.update}.json`, `${first.files.compressed}.sha256`])
    expect(readFileSync(join(again.folder, file))).toEqual(readFileSync(join(first.folder, file)));
});

test("an image of another version is another image, so the hash is not the same by chance", async () => {
  const other = await buildTestImage("1.0.1", { name: "other", compression: 1 });
  expect(other.sha256).not.toBe((await testImage()).sha256);
});

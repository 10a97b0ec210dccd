import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { temporaryFolder } from "../../vault/temporary-folder";
import { runDmz } from "../run-dmz";
import { memorySigner, tinyImage } from "./tiny-image";

// The real command as a child process, on a machine that others may use.
test("a copy into a folder needs no site, a push into a registry does", async () => {
  const folder = await temporaryFolder();
  try {
    const signer = memorySigner();
    await tinyImage(join(folder.path, "image"), signer);
    const trusted = memorySigner().publicKey.export({ type: "spki", format: "pem" });
    writeFileSync(join(folder.path, "key.pub"), trusted);
    const push = (to: string) =>
      runDmz(["image", "push", "--sites", "nowhere", "--image", "image", "--key", "key.pub", "--to", to], {
        cwd: folder.path,
      });
    // Refused by what comes next, the signature: no tool is called, which npm test does not ask for.
    expect((await push("oci:copy")).stderr).toMatch(/was not made with the trusted key/);
    expect((await push("registry.example/broker")).stderr).toMatch(/nowhere: there is no such folder/);
  } finally {
    await folder.remove();
  }
});

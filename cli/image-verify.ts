import { join } from "node:path";
import { tmpdir } from "node:os";
import { imageTag } from "./image/image-tag";
import { parseSource } from "./image/parse-source";
import { OciLayout } from "./image/oci-layout";
import { pull } from "./image/registry";
import { type KeyOptions, verificationKey } from "./image/verification-key";
import { type VerifiedImage, verifyImage } from "./image/verify-image";
import { withWorkFolder } from "./image/work-folder";
import { createOutput } from "./output";
import { runSteps } from "./run-steps";

export interface ImageVerifyOptions extends KeyOptions {
  readonly json?: boolean;
}

/** `dmz image verify <layout|reference>`. */
export async function imageVerify(text: string, options: ImageVerifyOptions): Promise<void> {
  const progress = createOutput(options.json ?? false);
  const source = await parseSource(text);
  const trusted = await verificationKey(options);
  let image: VerifiedImage | undefined;
  const check = (layout: OciLayout) => ({
    title: "Verify digests, signature, bill of materials and rules",
    run: async () => (image = await verifyImage(layout, trusted, await imageTag(layout))).digest,
  });
  if ("layout" in source) await runSteps([check(source.layout)], progress);
  else {
    await withWorkFolder(join(tmpdir(), "dmz-image"), async (work) => {
      const layout = new OciLayout(join(work, "pulled"));
      const fetch = async () => pull({ name: source.repository }, source.reference, layout).then(() => undefined);
      await runSteps([{ title: `Fetch ${text}`, run: fetch }, check(layout)], progress);
    });
  }
  progress.event("verified", { ...image });
  progress.text(`Verified: ${image!.digest}, signed by the key ${image!.signedBy}`);
}

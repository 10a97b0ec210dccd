import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import { version } from "../../package.json";
import { CommandError } from "../command-error";
import type { Output } from "../output";
import { runSteps } from "../run-steps";
import { attachmentTag, LAYOUT_TAG } from "./image-name";
import { OciLayout } from "./oci-layout";
import { pull, pushTag, remoteDigest, type Repository } from "./registry";
import { type VerifiedImage, verifyImage } from "./verify-image";
import { withWorkFolder } from "./work-folder";

export interface PushImageOptions {
  /** OCI layout of `dmz image build`. */
  readonly layout: OciLayout;
  /** The key that must have signed. */
  readonly trusted: KeyObject;
  /** Called after the image has been verified. @param work folder for what is only needed meanwhile */
  readonly repository: (work: string) => Promise<Repository>;
}

export interface PushedImage extends VerifiedImage {
  /** `<registry>/<repository>@sha256:<64 hex>`: what the site names. */
  readonly reference: string;
}

/**
 * Verifies the image, copies it with its bill of materials and its signature, fetches everything back and verifies it again.
 * Repeating it changes nothing. An image that fails the first verification reaches no registry.
 */
export async function pushImage(options: PushImageOptions, progress: Output): Promise<PushedImage> {
  const { layout, trusted } = options;
  return withWorkFolder(layout.folder, async (work) => {
    let verified: VerifiedImage | undefined;
    let repository: Repository = { name: "" };
    const verify = async () => {
      verified = await verifyImage(layout, trusted);
      return verified.digest;
    };
    const logIn = async () => (repository = await options.repository(work)).name;
    const push = async (report: (line: string) => void) => {
      const { digest } = verified!;
      // Attachments first: whoever sees the image in the registry can verify it.
      for (const tag of [attachmentTag(digest, "sbom"), attachmentTag(digest, "sig")]) {
        report(tag);
        // Every signature of ECDSA differs: one that is there is kept, and must verify like any other below.
        if (!(await remoteDigest(repository, tag))) await pushTag(layout, tag, repository, tag);
      }
      report(registryTag(digest));
      // In a registry with immutable tags, pushing again what is there is an error.
      if ((await remoteDigest(repository, registryTag(digest))) !== digest) {
        await pushTag(layout, LAYOUT_TAG, repository, registryTag(digest));
      }
      return registryTag(digest);
    };
    const fetchBack = async () => {
      const { digest } = verified!;
      const back = new OciLayout(join(work, "back"));
      await pull(repository, repository.name.startsWith("oci:") ? `:${registryTag(digest)}` : `@${digest}`, back);
      const again = await verifyImage(back, trusted);
      if (again.digest === digest) return "the same digest";
      throw new CommandError(
        `${repository.name}: has ${again.digest}, pushed was ${digest}`,
        "do not use it: find out who else writes there",
      );
    };
    await runSteps(
      [
        { title: "Verify the image", run: verify },
        { title: "Log in", run: logIn },
        { title: "Push", run: push },
        { title: "Fetch back and verify", run: fetchBack },
      ],
      progress,
    );
    return { ...verified!, reference: `${repository.name}@${verified!.digest}` };
  });
}

/** The image's own tag: a registry may delete what has none. It says version and digest, so it never has to move. */
const registryTag = (digest: string): string => `${version}-${digest.slice("sha256:".length, "sha256:".length + 12)}`;

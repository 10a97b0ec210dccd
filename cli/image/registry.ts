import { CommandError } from "../command-error";
import { attachmentTag, LAYOUT_TAG } from "./image-name";
import { isLoopback } from "./is-loopback";
import { digestOf, type OciLayout } from "./oci-layout";
import { runTool, ToolFailed } from "./run-tool";

/** Where images are pushed to and pulled from: a registry's repository, or another OCI layout. */
export interface Repository {
  /** `<registry>/<repository>`, or `oci:<folder>`. */
  readonly name: string;
  /** File with the registry's credentials, as `skopeo login` writes it: never on a command line. @default skopeo's own */
  readonly authFile?: string;
}

/** Copies one tagged manifest and all it points to, byte for byte. */
export async function pushTag(
  layout: OciLayout,
  tag: string,
  repository: Repository,
  remoteTag: string,
): Promise<void> {
  const source = `oci:${layout.folder}:${tag}`;
  const flags = ["--dest-tls-verify=" + String(!isLoopback(repository.name)), ...auth(repository)];
  const to = address(repository, `:${remoteTag}`);
  await runTool("skopeo", ["copy", "--preserve-digests", ...flags, source, to]).catch((error) => {
    // ECR makes no repository by itself.
    if (!isAbsent(error)) throw error;
    throw new CommandError(
      `${repository.name}: there is no such repository`,
      "deploy the bootstrap stack of this account and region first",
    );
  });
}

/** @returns digest of what the repository has under the tag; undefined if it has nothing there */
export async function remoteDigest(repository: Repository, tag: string): Promise<string | undefined> {
  const flags = ["--tls-verify=" + String(!isLoopback(repository.name)), ...auth(repository)];
  return runTool("skopeo", ["inspect", "--raw", ...flags, address(repository, `:${tag}`)]).then(digestOf, (error) => {
    if (isAbsent(error)) return undefined;
    throw error;
  });
}

/**
 * Fetches an image and what is attached to it, as an OCI layout of ours.
 * @param reference `@sha256:<64 hex>` or `:<tag>` in the repository
 * @throws CommandError if it is not there; what is attached may be missing, which verifyImage says
 */
export async function pull(repository: Repository, reference: string, layout: OciLayout): Promise<void> {
  await pullTag(repository, reference, layout, LAYOUT_TAG).catch((error) => {
    if (!isAbsent(error)) throw error;
    throw new CommandError(
      `${repository.name}${reference}: there is no such image`,
      "correct the name, or push it first",
    );
  });
  const { digest } = (await layout.find(LAYOUT_TAG))!;
  for (const kind of ["sig", "sbom"] as const) {
    const tag = attachmentTag(digest, kind);
    await pullTag(repository, `:${tag}`, layout, tag).catch((error) => {
      if (!isAbsent(error)) throw error;
    });
  }
}

async function pullTag(repository: Repository, reference: string, layout: OciLayout, tag: string): Promise<void> {
  const flags = ["--src-tls-verify=" + String(!isLoopback(repository.name)), ...auth(repository)];
  const to = `oci:${layout.folder}:${tag}`;
  await runTool("skopeo", ["copy", "--preserve-digests", ...flags, address(repository, reference), to]);
}

const auth = ({ authFile }: Repository): string[] => (authFile ? ["--authfile", authFile] : []);

const address = ({ name }: Repository, reference: string): string =>
  name.startsWith("oci:") ? `${name}${reference}` : `docker://${name}${reference}`;

/** Whether the other side answered, and has no such thing; any other failure stays one. */
const isAbsent = (error: unknown): boolean =>
  error instanceof ToolFailed &&
  /manifest unknown|name unknown|name_unknown|no descriptor found|not found in index|index\.json: no such file/i.test(
    error.complaint,
  );

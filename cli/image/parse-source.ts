import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";
import { OciLayout } from "./oci-layout";

/** An image as a user names it: a layout on this machine, or one in a registry. */
export type ImageSource =
  | { readonly layout: OciLayout }
  /** `reference` is `@sha256:<64 hex>` or `:<tag>`. */
  | { readonly repository: string; readonly reference: string };

/**
 * @param text a folder, `oci:<folder>`, or `<registry>/<repository>` with `@sha256:<64 hex>` or `:<tag>`
 * @throws CommandError if it is neither
 */
export async function parseSource(text: string): Promise<ImageSource> {
  const layout = new OciLayout(text.replace(/^oci:/, ""));
  if (text.startsWith("oci:") || (await layout.exists())) return { layout };
  const [, repository, reference] = /^([\w.-]+(?::\d+)?\/[\w./-]+?)(@sha256:[0-9a-f]{64}|:[\w.-]+)$/.exec(text) ?? [];
  if (repository && reference) return { repository, reference };
  throw new CommandError(
    `'${text}' is neither a folder with an image nor an image in a registry`,
    "write a folder of 'dmz image build', or <registry>/<repository>@sha256:<64 hex>",
    EXIT.usage,
  );
}

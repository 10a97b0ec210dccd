import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";

/** What Fargate runs. */
export type Platform = "linux/amd64" | "linux/arm64";

/** Debian's name for the processor. */
export const DEBIAN_ARCHITECTURE: Readonly<Record<Platform, string>> = {
  "linux/amd64": "amd64",
  "linux/arm64": "arm64",
};

/** Node's name for operating system and processor, by which native modules are filed. */
export const NODE_PLATFORM: Readonly<Record<Platform, string>> = {
  "linux/amd64": "linux-x64",
  "linux/arm64": "linux-arm64",
};

/** @throws CommandError for any other platform */
export function parsePlatform(text: string): Platform {
  if (text === "linux/amd64" || text === "linux/arm64") return text;
  throw new CommandError(`--platform: '${text}' is not built`, "choose linux/amd64 or linux/arm64", EXIT.usage);
}

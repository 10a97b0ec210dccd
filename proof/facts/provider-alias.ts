import type { Resource } from "./facts";
import type { Json } from "./parse-json";

/** @param configuration as a resource names it: `aws.west`, or in a plan `module.a:aws.west`. */
export const aliased = (configuration: Json | undefined): Pick<Resource, "alias"> => {
  const alias =
    typeof configuration === "string" ? /\.([\w-]+)\}?$/.exec(configuration.split(":").at(-1)!)?.[1] : undefined;
  return alias === undefined ? {} : { alias };
};

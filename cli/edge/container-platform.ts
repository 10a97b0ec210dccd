import { architectureOf } from "../../policy/architecture";
import type { Site } from "../../policy/site";
import { parsePlatform, type Platform } from "../image/platform";
import { EDGE_TARGETS } from "./edge-target";

/**
 * What a class's container runs on.
 * @param asked as typed; undefined: the processor that the class is declared with
 * @throws CommandError for a platform that is not built
 */
export const containerPlatform = (
  site: Pick<Site, "deviceClasses">,
  deviceClass: string,
  asked: string | undefined,
): Platform => (asked === undefined ? EDGE_TARGETS[architectureOf(site, deviceClass)].platform : parsePlatform(asked));

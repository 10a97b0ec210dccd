import type { Site } from "../../policy/site";
import riverside from "../../sites/riverside";

/** Environment variable by which the run tells its app which image to deploy. */
export const IMAGE_VARIABLE = "DMZ_E2E_IMAGE";

/** The sample site as the end-to-end run deploys it. @param image by digest. */
export function deployedSite(image: string): Site {
  return { ...riverside, lifetime: "ephemeral", broker: { ...riverside.broker, image } };
}

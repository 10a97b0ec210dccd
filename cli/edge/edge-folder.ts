import { join } from "node:path";

/** The sources of the device image. */
export const EDGE_FOLDER = join(__dirname, "../../edge-image");

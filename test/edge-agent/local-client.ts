import { join } from "node:path";

/** The library that applications are given. */
export { type Agent as LocalClient, connectAgent } from "../../edge-image/clients/dmz-agent.cjs";

/** The folder of the libraries. */
export const CLIENTS = join(__dirname, "../../edge-image/clients");

declare const AGENT_VERSION: string | undefined;

/** The kit's version, which the build writes in. */
export const agentVersion: string = typeof AGENT_VERSION === "string" ? AGENT_VERSION : "unbuilt";

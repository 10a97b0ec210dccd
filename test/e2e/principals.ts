/**
 * Who calls AWS in the end-to-end run. Each has an access key id of its own, so that the proxy can say who made a call:
 * the id is in the clear in every signed request. The secret is the same throwaway word for all: nothing here checks it.
 */
export const PRINCIPALS = {
  deployer: "AKIAE2EDEPLOYER00000",
  operator: "AKIAE2EOPERATOR00000",
  broker: "ASIAE2EBROKER0000000",
  initialise: "ASIAE2EINITIALISE000",
  rotate: "ASIAE2EROTATE0000000",
  enrol: "ASIAE2EENROL00000000",
  activate: "ASIAE2EACTIVATE00000",
} as const;

export type Principal = keyof typeof PRINCIPALS;

/** The CA functions, by the principal that each runs as. */
export const CA_FUNCTIONS = ["initialise", "rotate", "enrol", "activate"] as const satisfies readonly Principal[];

/** What the platform puts into a process's environment so that it acts as this principal. */
export function credentialsOf(principal: Principal): { AWS_ACCESS_KEY_ID: string; AWS_SECRET_ACCESS_KEY: string } {
  return { AWS_ACCESS_KEY_ID: PRINCIPALS[principal], AWS_SECRET_ACCESS_KEY: "throwaway" };
}

/** @returns undefined for an access key id that belongs to nobody of ours. */
export function principalOf(accessKeyId: string): Principal | undefined {
  return (Object.keys(PRINCIPALS) as Principal[]).find((name) => PRINCIPALS[name] === accessKeyId);
}

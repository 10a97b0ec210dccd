import { CA_ENV } from "../policy/deployment";
import { showValue } from "../policy/show-value";

/** What a CA function is told by its environment. */
export interface CaConfig {
  readonly site: string;
  readonly host: string;
  readonly credentialShards: number;
  readonly accessShards: number;
}

/** Reads the functions' environment. @throws one Error with every fault: the variable, the rule and the value. */
export const readCaConfig = (env: Readonly<Record<string, string | undefined>>): CaConfig => {
  const faults: string[] = [];
  const read = (variable: string, rule: string, fits: RegExp): string => {
    const value = env[variable];
    if (value === undefined || !fits.test(value)) faults.push(`${variable}: ${rule}, got ${showValue(value)}`);
    return value ?? "";
  };
  const count = (variable: string): number => Number(read(variable, "must be a whole number from 1", /^[1-9]\d{0,5}$/));
  const config = {
    site: read(CA_ENV.site, "must be the site's name, [a-z][a-z0-9-]{0,23}", /^[a-z][a-z0-9-]{0,23}$/),
    host: read(CA_ENV.host, "must be the site's host name", /^[A-Za-z0-9.-]{1,253}$/),
    credentialShards: count(CA_ENV.credentialShards),
    accessShards: count(CA_ENV.accessShards),
  };
  if (faults.length > 0) throw new Error(`environment of the CA functions:\n- ${faults.join("\n- ")}`);
  return config;
};

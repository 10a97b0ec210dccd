import { join } from "node:path";
import { reservePort } from "../../cli/reserve-port";
import { BROKER_ENV } from "../../policy/deployment";
import type { BenchSite } from "./prepare-site";
import { type Server, startServer } from "./start-server";

const ADDRESS = "127.0.0.1";

/** The limits are in force, and counted, but above what a bench does from one address and with few identities. */
const ABOVE_ANY_LOAD = {
  [BROKER_ENV.memory]: "4096",
  [BROKER_ENV.connections]: "100000",
  [BROKER_ENV.connectionsPerAddress]: "100000",
  [BROKER_ENV.connectionsPerIdentity]: "100000",
  [BROKER_ENV.publishRate]: "10000000",
  [BROKER_ENV.publishBytesRate]: "1000000000",
};

export interface OursProps {
  readonly site: BenchSite;
  readonly core: number;
  readonly bundle: string;
  /** @default none */
  readonly nodeArguments?: readonly string[];
}

/** One for all starts: the lease, which lies beside the vault, names what is in it. */
export const storeOf = ({ folder }: BenchSite): string => join(folder, "store");

/**
 * Starts this broker as its container does, with a vault in a folder in the place of AWS. One at a time: the lease lies
 * beside the vault.
 */
export async function startOurs({ site, core, bundle, nodeArguments = [] }: OursProps): Promise<Server> {
  const reserved = await Promise.all([0, 0].map((port) => reservePort(port, ADDRESS, "the bench's ports")));
  const [mqtt, https] = reserved.map(({ port }) => port);
  await Promise.all(reserved.map((one) => one.release()));
  return startServer({
    name: "ours",
    port: mqtt!,
    core,
    command: [process.execPath, ...nodeArguments, bundle],
    env: {
      [BROKER_ENV.site]: site.name,
      [BROKER_ENV.source]: `directory:${site.vault}`,
      [BROKER_ENV.store]: storeOf(site),
      [BROKER_ENV.mqttPort]: String(mqtt),
      [BROKER_ENV.httpsPort]: String(https),
      [BROKER_ENV.listenAddress]: ADDRESS,
      ...ABOVE_ANY_LOAD,
    },
    ready: /"event":"started"/,
  });
}

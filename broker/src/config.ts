import { isIP } from "node:net";
import { BROKER_ENV, PORTS, STORE_PATH } from "../../policy/deployment";
import { BROKER_SIZES } from "../../policy/broker-sizes";
import { LEAST_MEMORY_MIB, memoryLimits, taskMemoryMib } from "./memory-limits";
import { DEFAULT_SITE_LIMITS, type SiteLimits } from "./site-limits";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** What one broker process is told by its environment, every default filled in. */
export interface BrokerConfig {
  readonly site: string;
  /** Where secrets and manifests are. */
  readonly source: { readonly kind: "aws" } | { readonly kind: "directory"; readonly path: string };
  /** 0 takes any free port. */
  readonly mqttPort: number;
  /** 0 takes any free port. */
  readonly httpsPort: number;
  readonly listenAddress: string;
  /** IPv4 CIDRs; empty: clients connect directly and no PROXY header is read. */
  readonly loadBalancerSubnets: readonly string[];
  /** IPv4 CIDRs; empty exactly when `loadBalancerSubnets` is. */
  readonly brokerSubnets: readonly string[];
  /** Message store folder. */
  readonly store: string;
  /** Origins that browsers may open WebSockets from; undefined: the names the server certificate carries. */
  readonly origins: readonly string[] | undefined;
  readonly logLevel: LogLevel;
  /** The address that a peer relays to; undefined: found by `peerAddress`. */
  readonly peerAddress: string | undefined;
  readonly limits: SiteLimits;
}

/** Every fault of the environment at once, one a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly faults: readonly string[]) {
    super(
      `the broker's environment has ${faults.length} fault${faults.length === 1 ? "" : "s"}:\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
    );
  }
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/**
 * Reads the broker's environment (`BROKER_ENV` in policy/deployment.ts) without touching anything else.
 * @param constrainedBytes what `process.constrainedMemory()` says: less than was declared counts. @default no limit
 * @throws ConfigError with every fault: the variable, the rule, the value got and the fix.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, constrainedBytes?: number): BrokerConfig {
  const faults: string[] = [];
  const text = (variable: string): string | undefined => env[variable]?.trim() || undefined;
  const fault = (variable: string, rule: string, value: string | undefined, fix: string): void => {
    faults.push(`${variable}: must be ${rule}, got ${value === undefined ? "nothing" : `'${value}'`}; ${fix}`);
  };

  const site = text(BROKER_ENV.site);
  if (!site || !/^[a-z][a-z0-9-]{0,23}$/.test(site)) {
    fault(BROKER_ENV.site, "a site name, [a-z][a-z0-9-]{0,23}", site, "set it to the name in sites/<name>.ts");
  }

  const source = text(BROKER_ENV.source);
  const directory = source?.startsWith("directory:") ? source.slice("directory:".length) : undefined;
  if (source !== "aws" && !directory) {
    fault(BROKER_ENV.source, "'aws' or 'directory:<path>'", source, "set it to 'aws' in the cloud");
  }

  const port = (variable: string, fallback: number): number => {
    const value = text(variable);
    if (value === undefined) return fallback;
    if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
    fault(variable, "a port, 0 to 65535", value, `leave it out for ${fallback}`);
    return fallback;
  };
  const mqttPort = port(BROKER_ENV.mqttPort, PORTS.mqtt);
  const httpsPort = port(BROKER_ENV.httpsPort, PORTS.https);
  if (mqttPort === httpsPort && mqttPort !== 0) {
    fault(
      BROKER_ENV.httpsPort,
      `another port than ${BROKER_ENV.mqttPort}`,
      String(httpsPort),
      "give each listener its own port",
    );
  }

  const address = (variable: string): string | undefined => {
    const value = text(variable);
    if (value !== undefined && isIP(value) !== 4)
      fault(variable, "an IPv4 address", value, "leave it out for the default");
    return value;
  };
  const listenAddress = address(BROKER_ENV.listenAddress) ?? (directory ? "127.0.0.1" : "0.0.0.0");
  const peerAddress = address(BROKER_ENV.peerAddress);

  const list = (variable: string): string[] =>
    (text(variable) ?? "")
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean);
  const subnets = (variable: string): readonly string[] => {
    const values = list(variable);
    for (const value of values) {
      if (!isSubnet(value))
        fault(variable, "a comma-separated list of IPv4 CIDRs", value, "write for example '10.80.0.0/24,10.80.1.0/24'");
    }
    return values;
  };
  const loadBalancerSubnets = subnets(BROKER_ENV.loadBalancerSubnets);
  const brokerSubnets = subnets(BROKER_ENV.brokerSubnets);
  if ((loadBalancerSubnets.length === 0) !== (brokerSubnets.length === 0)) {
    const [missing, given] =
      brokerSubnets.length === 0
        ? [BROKER_ENV.brokerSubnets, BROKER_ENV.loadBalancerSubnets]
        : [BROKER_ENV.loadBalancerSubnets, BROKER_ENV.brokerSubnets];
    fault(missing, `set when ${given} is`, undefined, "set both behind a load balancer, none for direct clients");
  }

  const origins = list(BROKER_ENV.origins);
  for (const origin of origins) {
    if (!isOrigin(origin))
      fault(
        BROKER_ENV.origins,
        "a comma-separated list of https origins",
        origin,
        "write for example 'https://console.example.com'",
      );
  }

  const level = text(BROKER_ENV.logLevel) ?? "info";
  const logLevel = LEVELS.find((known) => known === level);
  if (!logLevel) fault(BROKER_ENV.logLevel, `one of ${LEVELS.join(", ")}`, level, "leave it out for info");

  const count = (variable: string, fallback: number): number => {
    const value = text(variable);
    if (value === undefined) return fallback;
    if (/^[1-9]\d{0,9}$/.test(value)) return Number(value);
    fault(variable, "a whole number from 1", value, `leave it out for ${fallback}`);
    return fallback;
  };
  const memoryMib = taskMemoryMib(count(BROKER_ENV.memory, BROKER_SIZES.small.memoryMib), constrainedBytes);
  if (memoryMib < LEAST_MEMORY_MIB)
    fault(BROKER_ENV.memory, `${LEAST_MEMORY_MIB} or more`, String(memoryMib), "give the task more memory");
  const byMemory = memoryLimits(Math.max(memoryMib, LEAST_MEMORY_MIB));
  const limits: SiteLimits = {
    ...byMemory,
    connections: count(BROKER_ENV.connections, byMemory.connections),
    connectionsPerAddress: count(BROKER_ENV.connectionsPerAddress, byMemory.connectionsPerAddress),
    connectionsPerIdentity: count(BROKER_ENV.connectionsPerIdentity, DEFAULT_SITE_LIMITS.connectionsPerIdentity),
    publishRate: count(BROKER_ENV.publishRate, DEFAULT_SITE_LIMITS.publishRate),
    publishBytesRate: count(BROKER_ENV.publishBytesRate, DEFAULT_SITE_LIMITS.publishBytesRate),
  };

  if (faults.length > 0) throw new ConfigError(faults);
  return {
    site: site!,
    source: directory ? { kind: "directory", path: directory } : { kind: "aws" },
    mqttPort,
    httpsPort,
    listenAddress,
    loadBalancerSubnets,
    brokerSubnets,
    store: text(BROKER_ENV.store) ?? STORE_PATH,
    origins: origins.length > 0 ? origins : undefined,
    logLevel: logLevel!,
    peerAddress,
    limits,
  };
}

function isSubnet(value: string): boolean {
  const [network, prefix, ...rest] = value.split("/");
  return rest.length === 0 && isIP(network ?? "") === 4 && /^\d{1,2}$/.test(prefix ?? "") && Number(prefix) <= 32;
}

function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value && value.startsWith("https://");
}

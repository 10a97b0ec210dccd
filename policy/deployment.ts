/**
 * The names on which the deployed parts agree: constructs create under them, the CA functions and the broker look under
 * them, the command-line tool asks under them. One place to change.
 */

/** The two ports of promise P1: MQTT over TLS, and HTTPS (MQTT over WebSockets, health, enrolment). */
export const PORTS = { mqtt: 8883, https: 443 } as const;

/** Who runs in the container; the EFS access point carries the same ids (hard links need it). */
export const CONTAINER_USER = { uid: 10001, gid: 10001 } as const;

/** Where the message store is mounted in the container. */
export const STORE_PATH = "/var/lib/dmz";

/** The two sharded documents. */
export type ShardedDocument = "credentials" | "access";

/** Secret names, all below `<site>/`. In a directory the same names are files below its root. */
export const secretName = {
  certificateAuthority: (site: string): string => `${site}/ca`,
  serverCertificate: (site: string): string => `${site}/server-certificate`,
  shard: (site: string, document: ShardedDocument, shard: number): string => `${site}/${document}/${shard}`,
} as const;

/** The one table per site: string partition key `pk`. */
export const tableName = (site: string): string => `${site}-state`;

/** Partition keys of the table's items. Each writer's policy is limited to its own by `dynamodb:LeadingKeys`. */
export const itemKey = {
  lease: "lease",
  manifest: (document: ShardedDocument): string => `manifest/${document}`,
} as const;

/** Function names; each has a role of its own. */
export const functionName = {
  initialise: (site: string): string => `${site}-ca-initialise`,
  rotate: (site: string): string => `${site}-ca-rotate`,
  enrol: (site: string): string => `${site}-ca-enrol`,
  activate: (site: string): string => `${site}-ca-activate`,
} as const;

/** CloudWatch log groups. The broker's endpoint policy admits writing to its own and to no other. */
export const logGroupName = {
  broker: (site: string): string => `/mqtt-dmz/${site}/broker`,
  flows: (site: string): string => `/mqtt-dmz/${site}/flows`,
  /** Vended logs: one resource policy of AWS's own covers this prefix, instead of one more of ours a site (limit: ten). */
  dns: (site: string): string => `/aws/vendedlogs/mqtt-dmz/${site}/dns`,
} as const;

/** How many shards each document of a site has: a function of the declared capacity alone, so that devices come and go without touching infrastructure. */
export const shardCount = (capacity: number): Readonly<Record<ShardedDocument, number>> => ({
  // At 250 a shard, with names of 64 characters and the spread of a hash, a credential shard stays below 64 KiB.
  credentials: Math.ceil(capacity / 250),
  access: Math.ceil(capacity / 500),
});

/**
 * The broker's environment variables, by purpose. `constructs/broker-service` writes them, `broker/src/config.ts` reads them.
 * AWS_REGION and the task's credentials come from the platform.
 */
export const BROKER_ENV = {
  /** Site name. */
  site: "DMZ_SITE",
  /** `aws` or `directory:<path>`. */
  source: "DMZ_SOURCE",
  /** Port for MQTT over TLS. */
  mqttPort: "DMZ_MQTT_PORT",
  /** Port for HTTPS and WebSockets. */
  httpsPort: "DMZ_HTTPS_PORT",
  /** Listen address. Default: 0.0.0.0 with source aws, 127.0.0.1 with a directory. */
  listenAddress: "DMZ_LISTEN_ADDRESS",
  /** Comma-separated CIDRs of the load balancer's subnets: from here a PROXY v2 header is required. Unset: direct clients. */
  loadBalancerSubnets: "DMZ_LOAD_BALANCER_SUBNETS",
  /** Comma-separated CIDRs of the brokers' subnets: from here come relayed connections. */
  brokerSubnets: "DMZ_BROKER_SUBNETS",
  /** Message store folder. */
  store: "DMZ_STORE",
  /** Comma-separated Origins that browsers may open WebSockets from. Default: the site's own host alone. */
  origins: "DMZ_ALLOWED_ORIGINS",
  /** `debug` | `info` | `warn` | `error`. Default info. */
  logLevel: "DMZ_LOG_LEVEL",
  /** This task's own address that a peer relays to. Default: its first non-loopback IPv4 address in `brokerSubnets`. */
  peerAddress: "DMZ_PEER_ADDRESS",
  /** MiB that the task has, from which the broker derives what it accepts and keeps. Default: the smallest task's 1024. */
  memory: "DMZ_MEMORY_MIB",
  /** Clients a task accepts in all. Default of this and the next: by the task's memory; of those behind: `broker/src/limits.ts`. */
  connections: "DMZ_MAX_CONNECTIONS",
  /** Clients behind one address: more, where a plant larger than the default stands behind one. */
  connectionsPerAddress: "DMZ_MAX_CONNECTIONS_PER_ADDRESS",
  /** Connections of one enterprise identity, each under its own `name~suffix`. */
  connectionsPerIdentity: "DMZ_MAX_CONNECTIONS_PER_IDENTITY",
  /** Messages a second that one identity may publish. */
  publishRate: "DMZ_PUBLISH_RATE",
  /** Payload and topic bytes a second that one identity may publish. */
  publishBytesRate: "DMZ_PUBLISH_BYTES_RATE",
} as const;

/** The CA functions' environment variables. */
export const CA_ENV = {
  site: "DMZ_SITE",
  host: "DMZ_HOST",
  /** Number of credential shards. */
  credentialShards: "DMZ_CREDENTIAL_SHARDS",
  /** Number of access-document shards. */
  accessShards: "DMZ_ACCESS_SHARDS",
} as const;

/** Rendered secret of the server certificate: what the broker loads. PEM texts. */
export interface ServerCertificateSecret {
  readonly version: 1;
  /** PKCS#8 private key. */
  readonly key: string;
  /** Leaf certificate. */
  readonly certificate: string;
  /** Trust bundle: the site CA and, in a rollover, the previous one. */
  readonly trust: readonly string[];
}

/** Rendered CA secret: read by the CA functions alone. PEM texts. */
export interface CertificateAuthoritySecret {
  readonly version: 1;
  readonly key: string;
  readonly certificate: string;
  /** In a rollover, the CA certificates still trusted. */
  readonly previous: readonly string[];
}

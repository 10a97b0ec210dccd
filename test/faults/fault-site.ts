import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { enrol } from "../../ca/enrol";
import { createKeyAndRequest } from "../../ca/csr";
import { initialise } from "../../ca/initialise";
import { installAccessDocument } from "../../ca/local-site";
import { secretName, shardCount, tableName } from "../../policy/deployment";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import { awsVault } from "../../vault/aws";
import { startEmulator } from "../e2e/emulator";
import { plantSite, SITE, type Bundle } from "../broker/plant";
import { freePorts } from "../broker/free-ports";
import { proxyHeader } from "../broker/proxy-header";
import { CLIENT, standInBalancer } from "../broker/stand-in-balancer";
import { BrokerProcess } from "./broker-process";
import { flakyEndpoint, type FlakyEndpoint } from "./flaky-endpoint";
import { Ledger, type Account } from "./ledger";
import type { ConnectProps } from "./mqtt-connection";
import { oneWriteAtATime, type OneWriteAtATime } from "./one-write-at-a-time";
import { Publisher } from "./publisher";
import { Subscriber } from "./subscriber";

const REGION = "eu-central-1";
const ACCOUNT = "123456789012";
const EDGE = ["gw-1", "gw-2", "gw-3", "gw-4"];
/** A lease's time to live, a look of the contender and the start of the store, with what a busy machine adds. */
export const TAKEN_OVER_MS = 25_000;

export interface FaultSiteProps {
  readonly bundle: string;
  /** Folder that all tasks share. @default a new one on this machine's disk */
  readonly store?: string;
  /** Of an AWS emulator that runs elsewhere. @default one of its own */
  readonly emulator?: string;
  /** How many times slower the machine is than one without emulation. @default 1 */
  readonly slowness?: number;
  /** Seconds after which a publisher notices that nobody answers; 0: never. @default 2 */
  readonly publisherKeepalive?: number;
}

/** Broker tasks on loopback addresses, with a store of their own, the lease in the AWS emulator, and clients under load. */
export class FaultSite {
  readonly ledger = new Ledger();
  readonly publishers: Publisher[] = [];
  readonly subscribers: Subscriber[] = [];
  readonly brokers: BrokerProcess[] = [];
  readonly bundles = new Map<string, Bundle>();
  readonly #undo: (() => unknown)[] = [];
  #table: OneWriteAtATime | undefined;
  #ca: readonly string[] = [];
  #ports = { mqtt: 0, https: 0 };
  #balancerPort = 0;
  #emulator = "";
  #store = "";
  #started = 0;
  /** Second octet of its loopback addresses: several sites at once do not meet. */
  readonly #net = `127.${20 + Number(process.env["JEST_WORKER_ID"] ?? 1)}`;

  private constructor(private readonly props: FaultSiteProps) {}

  static async start(props: FaultSiteProps): Promise<FaultSite> {
    const site = new FaultSite(props);
    try {
      await site.#prepare();
      await site.launchBoth();
      await Promise.any(site.brokers.map((broker) => broker.logged("active", site.#patienceMs)));
      await site.#load();
      return site;
    } catch (error) {
      await site.close();
      throw error;
    }
  }

  /** Where the lease is. */
  get table(): OneWriteAtATime {
    return this.#table!;
  }

  get #patienceMs(): number {
    return TAKEN_OVER_MS * (this.props.slowness ?? 1);
  }

  get active(): BrokerProcess {
    const found = this.brokers.filter(({ isActive }) => isActive);
    if (found.length !== 1)
      throw new Error(
        `one task must be active, ${found.length} are: ${this.brokers.map(({ tail }) => tail).join("\n")}`,
      );
    return found[0]!;
  }

  get standby(): BrokerProcess {
    return this.brokers.find((broker) => !broker.ended && !broker.isActive)!;
  }

  /** Starts one task more and waits until it is active or a standby. */
  async launch(): Promise<BrokerProcess> {
    const aws = await flakyEndpoint(this.#emulator);
    this.#undo.push(() => aws.close());
    const broker = this.#spawn(aws);
    await broker.logged("started", this.#patienceMs);
    return broker;
  }

  /** Starts two tasks at once, which both take the lease for free: one becomes active, the other its standby. */
  async launchBoth(): Promise<readonly [BrokerProcess, BrokerProcess]> {
    this.table.gather(2);
    return Promise.all([this.launch(), this.launch()]);
  }

  /** When another task than this has become the active one. @returns milliseconds. */
  async takenOver(former: BrokerProcess): Promise<number> {
    const begun = performance.now();
    const others = this.brokers.filter((broker) => broker !== former && !broker.ended);
    await Promise.any(others.map((broker) => broker.logged("active", this.#patienceMs, broker.lines.length)));
    return performance.now() - begun;
  }

  connectAs(name: string, changes: Partial<ConnectProps> = {}): ConnectProps {
    const bundle = this.bundles.get(name)!;
    return { port: this.#balancerPort, ca: this.#ca, bundle, clean: false, keepalive: 2, ...changes };
  }

  /** Lets everything that is on its way arrive, and counts. */
  async settle(withinMs = 60_000): Promise<Account> {
    const end = performance.now() + withinMs;
    const late = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, withinMs).unref());
    await Promise.race([Promise.all(this.publishers.map((publisher) => publisher.drained())), late()]);
    let missing = this.ledger.missing.length;
    let since = performance.now();
    // What was lost never comes: ten seconds without anything new are enough.
    while (missing > 0 && performance.now() < end && performance.now() - since < 10_000) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (this.ledger.missing.length !== missing) since = performance.now();
      missing = this.ledger.missing.length;
    }
    return this.ledger.account;
  }

  async close(): Promise<void> {
    for (const client of [...this.publishers, ...this.subscribers]) client.end();
    for (const broker of this.brokers) {
      if (broker.ended) continue;
      broker.signal("SIGCONT");
      broker.signal("SIGKILL");
      await broker.exited;
    }
    for (const step of this.#undo.splice(0).reverse()) await step();
  }

  #spawn(aws: FlakyEndpoint): BrokerProcess {
    this.#started += 1;
    const broker = new BrokerProcess({
      bundle: this.props.bundle,
      site: SITE,
      address: `${this.#net}.1.${10 + (this.#started % 200)}`,
      ports: this.#ports,
      subnets: { loadBalancer: `${this.#net}.2.0/24`, broker: `${this.#net}.1.0/24` },
      store: this.#store,
      aws,
      region: REGION,
    });
    this.brokers.push(broker);
    return broker;
  }

  async #prepare(): Promise<void> {
    if (this.props.emulator) this.#emulator = this.props.emulator;
    else {
      const emulator = await startEmulator(ACCOUNT);
      this.#undo.push(() => emulator.stop());
      this.#emulator = emulator.url;
    }
    const table = await oneWriteAtATime(this.#emulator);
    this.#undo.push(() => table.close());
    this.#table = table;
    this.#emulator = table.url;
    if (this.props.store) this.#store = this.props.store;
    else {
      this.#store = await mkdtemp(join(tmpdir(), "dmz-faults-"));
      this.#undo.push(() => rm(this.#store, { recursive: true }));
    }
    await this.#enrol();
    const [mqtt, https] = await freePorts(2, "127.0.0.1");
    this.#ports = { mqtt: mqtt!, https: https! };
    let turn = 0;
    const front = await standInBalancer({
      from: `${this.#net}.2.5`,
      target: () => {
        // Stopped tasks take connections and answer none, as a frozen host does: the load balancer sends them on for a while.
        const targets = this.brokers.filter(({ ended }) => !ended);
        const next = targets[turn++ % targets.length];
        return next && { address: next.address, port: this.#ports.mqtt };
      },
      first: (port) => proxyHeader({ ...CLIENT, port }),
    });
    this.#undo.push(() => front.close());
    this.#balancerPort = front.port;
  }

  /** Tables and secrets as a deployment makes them, then the site's own functions. */
  async #enrol(): Promise<void> {
    const device = telemetryDevice({ area: "line" });
    const site = plantSite({ edge: EDGE.map((name) => ({ name, role: device })) });
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: this.#emulator,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_EC2_METADATA_DISABLED: "true",
    });
    const table = new DynamoDBClient({ region: REGION });
    await table.send(
      new CreateTableCommand({
        TableName: tableName(SITE),
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      }),
    );
    const secrets = new SecretsManagerClient({ region: REGION });
    const shards = shardCount(site.capacity);
    const names = [
      secretName.certificateAuthority(SITE),
      secretName.serverCertificate(SITE),
      ...Array.from({ length: shards.credentials }, (_, i) => secretName.shard(SITE, "credentials", i)),
      ...Array.from({ length: shards.access }, (_, i) => secretName.shard(SITE, "access", i)),
    ];
    await Promise.all(names.map((Name) => secrets.send(new CreateSecretCommand({ Name }))));
    const vault = awsVault({ site: SITE, region: REGION });
    await initialise(vault, { site: SITE, dns: ["localhost"], ip: [], credentialShards: shards.credentials });
    await installAccessDocument(vault, site);
    const requests = await Promise.all(
      site.identities.map(async ({ name, certificate }) => ({
        name,
        ...(certificate === "required" ? await createKeyAndRequest(name) : { key: undefined, csr: undefined }),
      })),
    );
    const enrolled = await enrol(vault, { site: SITE, identities: requests.map(({ name, csr }) => ({ name, csr })) });
    this.#ca = enrolled.trust;
    enrolled.identities.forEach((identity, i) =>
      this.bundles.set(identity.name, { ...identity, key: requests[i]?.key }),
    );
    table.destroy();
    secrets.destroy();
  }

  async #load(): Promise<void> {
    const { ledger } = this;
    for (const name of ["scada", "historian"]) {
      const subscriber = new Subscriber({ name, filter: "plant/line/#", ledger, connect: () => this.connectAs(name) });
      this.subscribers.push(subscriber);
      subscriber.start();
    }
    await Promise.all(this.subscribers.map((subscriber) => subscriber.subscribed()));
    const keepalive = this.props.publisherKeepalive ?? 2;
    for (const [name, qos] of [
      ["gw-1", 1],
      ["gw-2", 2],
    ] as const) {
      const status = `plant/line/${name}/status`;
      const will = { topic: status, payload: Buffer.from("offline"), qos: 1 as const, retain: false };
      const connect = (): ConnectProps => this.connectAs(name, { will, keepalive });
      const publisher = new Publisher({ name, qos, topic: `plant/line/${name}/data/${randomUUID()}`, ledger, connect });
      this.publishers.push(publisher);
      publisher.start();
    }
  }
}

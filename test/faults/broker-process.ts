import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { BROKER_ENV } from "../../policy/deployment";
import type { FlakyEndpoint } from "./flaky-endpoint";

export interface LogLine {
  readonly event?: string;
  readonly level?: string;
  readonly [field: string]: unknown;
}

export interface BrokerProcessProps {
  readonly bundle: string;
  readonly site: string;
  /** Loopback address that it listens on and is relayed to. */
  readonly address: string;
  readonly ports: { readonly mqtt: number; readonly https: number };
  readonly subnets: { readonly loadBalancer: string; readonly broker: string };
  readonly store: string;
  readonly aws: FlakyEndpoint;
  readonly region: string;
}

/** One task: the broker's bundle in a process of its own, configured as in the cloud. */
export class BrokerProcess {
  readonly lines: LogLine[] = [];
  readonly address: string;
  readonly aws: FlakyEndpoint;
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  /** Exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  ended = false;
  errors = "";

  constructor(props: BrokerProcessProps) {
    const { bundle, site, address, ports, subnets, store, aws, region } = props;
    this.address = address;
    this.aws = aws;
    this.#child = spawn(process.execPath, [bundle], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        [BROKER_ENV.site]: site,
        [BROKER_ENV.source]: "aws",
        [BROKER_ENV.mqttPort]: String(ports.mqtt),
        [BROKER_ENV.httpsPort]: String(ports.https),
        [BROKER_ENV.listenAddress]: address,
        [BROKER_ENV.peerAddress]: address,
        [BROKER_ENV.loadBalancerSubnets]: subnets.loadBalancer,
        [BROKER_ENV.brokerSubnets]: subnets.broker,
        [BROKER_ENV.store]: store,
        AWS_REGION: region,
        AWS_ENDPOINT_URL: aws.url,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_EC2_METADATA_DISABLED: "true",
      },
    });
    createInterface({ input: this.#child.stdout! }).on("line", (text) => {
      this.lines.push(JSON.parse(text) as LogLine);
      for (const look of [...this.#watchers]) look();
    });
    this.#child.stderr!.on("data", (bytes: Buffer) => (this.errors = (this.errors + bytes.toString()).slice(-2_000)));
    this.exited = once(this.#child, "close").then(([code]) => {
      this.ended = true;
      for (const look of [...this.#watchers]) look();
      return code as number | null;
    });
  }

  /** Whether it says of itself that it is the active one. */
  get isActive(): boolean {
    const last = this.lines.findLast(({ event }) => event === "active" || event === "not-active");
    return !this.ended && last?.event === "active";
  }

  /** The first line with this event from line number `from` on, there already or to come. @throws when it is late. */
  logged(event: string, withinMs: number, from = 0, fits: (line: LogLine) => boolean = () => true): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
      };
      const look = (): void => {
        const line = this.lines.slice(from).find((each) => each.event === event && fits(each));
        if (line) {
          finish();
          resolve(line);
        } else if (this.ended) {
          finish();
          reject(new Error(`${this.address} ended before '${event}': ${this.errors} ${this.tail}`));
        }
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`${this.address}: no '${event}' within ${withinMs} ms: ${this.errors} ${this.tail}`));
      }, withinMs);
      this.#watchers.add(look);
      look();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The end of its log, for a message. */
  get tail(): string {
    return this.lines
      .slice(-6)
      .map((line) => JSON.stringify(line).slice(0, 400))
      .join("\n");
  }
}

/**
 * Stands for AWS's Network Load Balancer, inside the namespace that holds its addresses: TCP listeners, cross-zone round
 * robin over healthy targets, PROXY protocol v2 with the client's address, HTTPS health checks without a PROXY header,
 * the declared thresholds, fail-open when no target is healthy. Settings come as JSON in the first argument.
 */
import { request } from "node:https";
import { connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type {
  LoadBalancerCommand,
  LoadBalancerEvent,
  LoadBalancerSettings,
  TargetGroupSettings,
} from "./load-balancer-settings";
import { proxyProtocolHeader } from "./proxy-protocol-header";

const settings = JSON.parse(process.argv[2]!) as LoadBalancerSettings;
const say = (event: LoadBalancerEvent): void => void process.stdout.write(`${JSON.stringify(event)}\n`);

/** One target in one group: its health, and the connections it serves. */
class Target {
  healthy = false;
  readonly #connections = new Set<Socket>();
  #streak = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly address: string,
    readonly group: TargetGroupSettings,
  ) {
    this.#check();
  }

  join(client: Socket): void {
    const target = connect(this.group.port, this.address);
    const { remoteAddress, remotePort, localAddress, localPort } = client;
    const from = { address: remoteAddress!, port: remotePort! };
    if (this.group.proxyProtocol) target.write(proxyProtocolHeader(from, { address: localAddress!, port: localPort! }));
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      socket.on("error", () => other.resetAndDestroy()).on("close", () => other.destroy());
    }
    this.#connections.add(client);
    client.once("close", () => this.#connections.delete(client));
    client.pipe(target).pipe(client);
    say({ event: "connection", from: from.address, port: localPort!, target: this.address });
  }

  /** No more health checks, no more new connections; what runs goes on until it ends. */
  deregister(): void {
    clearTimeout(this.#timer);
  }

  #check(): void {
    const { port, path, interval, timeout } = this.group.healthCheck;
    const probe = request(
      // A load balancer does not verify its targets' certificates.
      { host: this.address, port, path, rejectUnauthorized: false, timeout: timeout * 1000, agent: false },
      (response) => {
        response.resume();
        this.#count(response.statusCode === 200);
      },
    );
    probe
      .once("timeout", () => probe.destroy(new Error("timeout")))
      .once("error", () => this.#count(false))
      .end();
    this.#timer = setTimeout(() => this.#check(), interval * 1000);
  }

  #count(passed: boolean): void {
    this.#streak = passed === this.healthy ? 0 : this.#streak + 1;
    const { healthyThreshold, unhealthyThreshold } = this.group.healthCheck;
    if (this.#streak < (passed ? healthyThreshold : unhealthyThreshold)) return;
    this.healthy = passed;
    this.#streak = 0;
    say({ event: "health", target: this.address, group: this.group.name, healthy: passed });
    if (!passed && this.group.terminateUnhealthy)
      for (const connection of this.#connections) connection.resetAndDestroy();
  }
}

const targets = new Map<string, Target[]>(settings.listeners.map(({ group }) => [group.name, []]));

function choose(group: TargetGroupSettings): Target | undefined {
  const registered = targets.get(group.name)!;
  const healthy = registered.filter((target) => target.healthy);
  const next = (healthy.length > 0 ? healthy : registered)[0];
  if (next) registered.push(...registered.splice(registered.indexOf(next), 1));
  return next;
}

// Ends with whoever started it.
const commands = createInterface(process.stdin).once("close", () => process.exit());
commands.on("line", (line) => {
  const command = JSON.parse(line) as LoadBalancerCommand;
  for (const { group } of settings.listeners) {
    const registered = targets.get(group.name)!;
    if ("register" in command) registered.push(new Target(command.register, group));
    else
      for (const gone of registered.filter((target) => target.address === command.deregister)) {
        gone.deregister();
        registered.splice(registered.indexOf(gone), 1);
      }
  }
});

const listening = settings.listeners.flatMap(({ port, group }) =>
  settings.addresses.map(
    (address) =>
      new Promise<void>((resolve, reject) => {
        createServer((client) => {
          const target = choose(group);
          if (target) target.join(client);
          else client.resetAndDestroy();
        })
          .once("error", reject)
          .listen(port, address, resolve);
      }),
  ),
);
void Promise.all(listening).then(() => process.stdout.write("ready\n"));

import { randomUUID } from "node:crypto";
import type { AwsApi } from "./aws-api";
import { BrokerTask } from "./broker-task";
import type { CleanUp } from "./clean-up";
import { startNetwork, type DeployedNetwork } from "./deployed-network";
import { readBroker, type DeployedBroker } from "./fargate";
import type { TaskLauncher } from "./stand-ins/ecs-scheduler";

export interface BrokerFleetProps {
  readonly aws: AwsApi;
  readonly region: string;
  /** Prefix of namespaces and containers, unique to this run. */
  readonly prefix: string;
  readonly folder: string;
  /** Unix socket of the AWS proxy. */
  readonly awsSocket: string;
  /** As podman knows the image, and the digest that the definition must name. */
  readonly image: string;
  readonly digest: string;
  readonly cleanUp: CleanUp;
  readonly say: (text: string) => void;
}

/** Health checks of both target groups: interval times threshold, and the start of the container. Milliseconds. */
const HEALTHY_WITHIN = 90_000;

/** Plays ECS: starts tasks from what ECS stores, in the subnets of the service, behind the load balancer. */
export class BrokerFleet implements TaskLauncher {
  readonly tasks: BrokerTask[] = [];
  #deployed: DeployedBroker | undefined;
  #net: DeployedNetwork | undefined;
  readonly #namespaces = new Map<BrokerTask, string>();
  #launched = 0;

  constructor(private readonly props: BrokerFleetProps) {}

  get net(): DeployedNetwork {
    if (!this.#net) throw new Error("the service was not created yet");
    return this.#net;
  }

  get deployed(): DeployedBroker {
    if (!this.#deployed) throw new Error("the service was not created yet");
    return this.#deployed;
  }

  readonly start = async (): Promise<number> => {
    const { aws, prefix, folder, awsSocket, cleanUp, digest } = this.props;
    this.#deployed = await readBroker(aws);
    if (!this.#deployed.container.image.endsWith(`@${digest}`))
      throw new Error(`the definition names ${this.#deployed.container.image}, built was ${digest}`);
    this.#net = await startNetwork(aws, prefix, folder, awsSocket, this.#deployed.subnets, cleanUp);
    await Promise.all(Array.from({ length: this.#deployed.desiredCount }, () => this.launch()));
    return this.running.length;
  };

  readonly stop = async (): Promise<void> => {
    await Promise.all(this.running.map((task) => this.#end(task, "stop")));
  };

  /** Tasks that have not ended. */
  get running(): readonly BrokerTask[] {
    return this.tasks.filter((task) => !task.ended);
  }

  /** The task that is active by its own log. @throws unless there is exactly one. */
  get active(): BrokerTask {
    const found = this.running.filter((task) => task.active);
    if (found.length !== 1)
      throw new Error(`expected one active task, found ${found.map(({ name }) => name).join(", ") || "none"}`);
    return found[0]!;
  }

  get standby(): BrokerTask {
    return this.running.find((task) => task !== this.active)!;
  }

  namespaceOf(task: BrokerTask): string {
    return this.#namespaces.get(task)!;
  }

  /** Starts one more task, in the next of the service's subnets, and waits until the load balancer finds it healthy. */
  async launch(): Promise<BrokerTask> {
    const { region, prefix, folder, image, cleanUp, say } = this.props;
    const { network, subnets, awsEndpoint, loadBalancer, securityGroups } = this.net;
    const number = this.#launched;
    this.#launched += 1;
    const host = `task${number}`;
    await network.addHost(host);
    const subnet = subnets.get(this.deployed.subnets[number % this.deployed.subnets.length]!)!;
    const address = await network.attach(host, subnet, 20 + number);
    const namespace = network.namespace(host);
    await securityGroups.join({ namespace, groups: this.deployed.securityGroups, addresses: [address] });
    const task = await BrokerTask.start({
      name: `${prefix}-${host}`,
      deployed: this.deployed,
      image,
      namespace,
      address,
      store: `${folder}/store`,
      platform: {
        AWS_REGION: region,
        AWS_ENDPOINT_URL: awsEndpoint,
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: `/v2/credentials/${randomUUID()}`,
        AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
      },
    });
    cleanUp.add(task.name, () => task.ended || task.kill());
    this.tasks.push(task);
    this.#namespaces.set(task, namespace);
    await task.logged("listening", HEALTHY_WITHIN);
    loadBalancer.send({ register: address });
    await loadBalancer.healthy(address, HEALTHY_WITHIN);
    say(`${task.name} is healthy at ${address}`);
    return task;
  }

  /** Ends a task as ECS does (deregistered, then SIGTERM) or as its host's death would (SIGKILL, then found unhealthy). */
  async #end(task: BrokerTask, how: "stop" | "kill"): Promise<number> {
    if (how === "stop") this.net.loadBalancer.send({ deregister: task.address });
    return task[how]();
  }

  stopTask(task: BrokerTask): Promise<number> {
    return this.#end(task, "stop");
  }

  killTask(task: BrokerTask): Promise<number> {
    return this.#end(task, "kill");
  }
}

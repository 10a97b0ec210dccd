import { EventEmitter, once } from "node:events";
import { mkdirSync, chownSync } from "node:fs";
import { join } from "node:path";
import { CONTAINER_USER } from "../../policy/deployment";
import { runContainer, type Container } from "../image/run-container";
import type { DeployedBroker } from "./fargate";

/** A line of the broker's log. */
export type LogEntry = Readonly<Record<string, unknown>> & { readonly event?: string };

export interface BrokerTaskProps {
  readonly name: string;
  readonly deployed: DeployedBroker;
  /** As podman knows the image whose digest the definition names. */
  readonly image: string;
  readonly namespace: string;
  readonly address: string;
  /** What the platform adds to the declared environment. */
  readonly platform: Readonly<Record<string, string>>;
  /** Folder that stands for the file system behind the task's volume. */
  readonly store: string;
}

/** One running task: the container exactly as its definition says, with its log. */
export class BrokerTask {
  readonly log: LogEntry[] = [];
  /** The log as it was written. */
  text = "";
  ended = false;
  readonly #events = new EventEmitter();

  private constructor(
    readonly name: string,
    readonly address: string,
    private readonly container: Container,
  ) {
    void this.#follow();
  }

  static async start(props: BrokerTaskProps): Promise<BrokerTask> {
    const { container, volumes } = props.deployed;
    if (container.privileged === true) throw new Error("the container is privileged");
    if (!container.linuxParameters?.capabilities?.drop?.includes("ALL"))
      throw new Error("the container keeps capabilities");
    const mounts = (container.mountPoints ?? []).map(({ sourceVolume, containerPath, readOnly }) => {
      if (!volumes.some((volume) => volume.name === sourceVolume && volume.efsVolumeConfiguration))
        throw new Error(`volume ${sourceVolume} is not on EFS`);
      const folder = join(props.store, sourceVolume);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // As the access point does it.
      chownSync(folder, CONTAINER_USER.uid, CONTAINER_USER.gid);
      return `${folder}:${containerPath}${readOnly === true ? ":ro" : ""}`;
    });
    const running = await runContainer({
      image: props.image,
      name: props.name,
      netns: props.namespace,
      env: {
        ...Object.fromEntries((container.environment ?? []).map(({ name, value }) => [name, value])),
        ...props.platform,
      },
      volumes: mounts,
      user: container.user,
      readOnly: container.readonlyRootFilesystem,
      sysctls: Object.fromEntries((container.systemControls ?? []).map(({ namespace, value }) => [namespace, value])),
    });
    return new BrokerTask(props.name, props.address, running);
  }

  /** @returns the first entry, past or coming, with this message after entry number `from`. @param deadline milliseconds. */
  async logged(
    message: string,
    deadline: number,
    from = 0,
    matches: (entry: LogEntry) => boolean = () => true,
  ): Promise<LogEntry> {
    const signal = AbortSignal.timeout(deadline);
    for (;;) {
      const found = this.log.slice(from).find((entry) => entry.event === message && matches(entry));
      if (found) return found;
      if (this.ended) throw new Error(`${this.name} ended without '${message}':\n${this.#tail()}`);
      await once(this.#events, "line", { signal }).catch(() => {
        throw new Error(`${this.name} did not log '${message}' within ${deadline / 1000} s:\n${this.#tail()}`);
      });
    }
  }

  /** Whether, by its own log, this task is the active one. */
  get active(): boolean {
    const last = this.log.findLast(({ event }) => event === "active" || event === "not-active" || event === "stopping");
    return !this.ended && last?.event === "active";
  }

  /** SIGTERM, and SIGKILL after the grace time. @returns the exit code. */
  stop(): Promise<number> {
    return this.container.stop();
  }

  /** SIGKILL, as when its host dies. */
  kill(): Promise<number> {
    return this.container.kill();
  }

  async #follow(): Promise<void> {
    for await (const line of this.container.logs()) {
      this.text += `${line}\n`;
      try {
        this.log.push(JSON.parse(line) as LogEntry);
      } catch {
        this.log.push({ event: line });
      }
      this.#events.emit("line");
    }
    this.ended = true;
    this.#events.emit("line");
  }

  #tail(): string {
    return this.text.split("\n").slice(-25).join("\n");
  }
}

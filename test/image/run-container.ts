import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CONTAINER_USER } from "../../policy/deployment";
import { podman } from "./podman";

export interface ContainerOptions {
  /** As podman knows it: `loadImage` puts an OCI layout there. */
  readonly image: string;
  /** Name of the container; one that is left over under it is removed. */
  readonly name: string;
  /** Network namespace to run in, by its name in /run/netns. @default a new one with loopback alone */
  readonly netns?: string;
  /** @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** As podman's `--volume`: `<here>:<there>[:ro]`. @default none */
  readonly volumes?: readonly string[];
  /** @default the image's user, written out as the task definition does: 10001:10001 */
  readonly user?: string;
  /** @default true */
  readonly readOnly?: boolean;
  /** @default ports below 1024 without privilege, as the task definition's system control */
  readonly sysctls?: Readonly<Record<string, string>>;
}

/** A running container. */
export interface Container {
  readonly id: string;
  /** Its lines on standard output and standard error from the first one on, until it ends. May be read several times. */
  logs(): AsyncIterable<string>;
  /** Resolves with its exit code once it has ended by itself, or was stopped. */
  readonly exited: Promise<number>;
  /** SIGTERM, after 30 s SIGKILL; then removes it. @returns its exit code */
  stop(): Promise<number>;
  /** SIGKILL, as when the host dies; then removes it. @returns its exit code */
  kill(): Promise<number>;
}

/**
 * Runs an image as Fargate would run the task: read-only root without any tmpfs, no capability, no new privileges, not
 * root, its own processes alone. Whatever is not stopped is removed when this process ends.
 */
export async function runContainer(options: ContainerOptions): Promise<Container> {
  const { image, name, netns, env = {}, volumes = [], readOnly = true } = options;
  const user = options.user ?? `${CONTAINER_USER.uid}:${CONTAINER_USER.gid}`;
  const sysctls = options.sysctls ?? { "net.ipv4.ip_unprivileged_port_start": "0" };
  await podman("rm", "--force", "--ignore", name);

  const folder = await mkdtemp(join(tmpdir(), "dmz-env-"));
  const envFile = join(folder, "env");
  await writeFile(envFile, envLines(env), { mode: 0o600 });
  const removeNow = () => void spawnSync("podman", ["--runtime", "runc", "rm", "--force", "--ignore", name]);
  process.once("exit", removeNow);
  const id = await podman(
    ...["run", "--detach", "--name", name, "--pull=never", "--log-driver=k8s-file", "--http-proxy=false"],
    // Without CAP_SYS_RESOURCE podman could not raise its own limits to the defaults.
    ...["--ulimit", "nofile=1024:4096", "--ulimit", "nproc=1024:1024"],
    ...(readOnly ? ["--read-only", "--read-only-tmpfs=false"] : []),
    ...["--cap-drop=ALL", "--security-opt=no-new-privileges", "--user", user],
    ...Object.entries(sysctls).flatMap(([key, value]) => ["--sysctl", `${key}=${value}`]),
    ...["--network", netns ? `ns:/run/netns/${netns}` : "none"],
    ...volumes.flatMap((volume) => ["--volume", volume]),
    ...["--env-file", envFile, image],
  ).finally(() => rm(folder, { recursive: true }));

  const lines = followLogs(id);
  const exited = podman("wait", id).then(Number);
  const end = async (how: Promise<unknown>) => {
    await how;
    const code = await exited;
    await lines.ended;
    await podman("rm", "--force", "--ignore", id);
    process.off("exit", removeNow);
    return code;
  };
  return {
    id,
    exited,
    logs: lines.read,
    stop: () => end(podman("stop", "--ignore", "--time", "30", id)),
    // One that has ended already cannot be killed any more, which is as good.
    kill: () => end(podman("kill", id).catch(() => undefined)),
  };
}

/** @throws Error for what the file's format cannot say */
function envLines(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([key, value]) => {
      if (/[\r\n]/.test(value))
        throw new Error(`env: '${key}' must be one line, since it travels in podman's --env-file`);
      return `${key}=${value}\n`;
    })
    .join("");
}

/** One reader of the log for all who ask, so that nothing is lost when the container is removed. */
function followLogs(id: string): { read: () => AsyncIterable<string>; ended: Promise<void> } {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let done = false;
  const wake = () => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const follower = spawn("podman", ["logs", "--follow", id], { stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [follower.stdout, follower.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      wake();
    });
  }
  const ended = new Promise<void>((resolve) => {
    follower.once("close", () => {
      done = true;
      wake();
      resolve();
    });
  });
  async function* read(): AsyncIterable<string> {
    for (let next = 0; ;) {
      while (next < lines.length) yield lines[next++]!;
      if (done) return;
      await new Promise<void>((resolve) => waiting.add(resolve));
    }
  }
  return { read, ended };
}

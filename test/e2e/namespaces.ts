import { CleanUp } from "./clean-up";
import { findTool } from "./find-tool";
import { runCommand } from "./run-command";

/** Runs `ip` of iproute2. */
export async function ip(...args: string[]): Promise<void> {
  await runCommand(findTool("ip", "apt-get install iproute2"), args);
}

/** The command line that runs a program inside a network namespace, and nothing else changed (`ip netns exec` remounts /sys). */
export function inNamespace(namespace: string, command: string, ...args: string[]): [command: string, args: string[]] {
  return [findTool("nsenter", "apt-get install util-linux"), [`--net=/run/netns/${namespace}`, command, ...args]];
}

/** Makes an empty network namespace with its loopback up. */
export async function addNamespace(name: string, cleanUp: CleanUp): Promise<void> {
  await ip("netns", "add", name);
  cleanUp.add(`namespace ${name}`, () => ip("netns", "delete", name));
  await ip("-n", name, "link", "set", "lo", "up");
}

/** Sets kernel network parameters inside a namespace: `{ "ipv4.ip_forward": "1" }`. */
export async function setInNamespace(name: string, parameters: Readonly<Record<string, string>>): Promise<void> {
  for (const [key, value] of Object.entries(parameters)) {
    const [command, args] = inNamespace(
      name,
      findTool("sysctl", "apt-get install procps"),
      "-qw",
      `net.${key}=${value}`,
    );
    await runCommand(command, args);
  }
}

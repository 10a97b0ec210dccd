import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { CleanUp } from "./clean-up";
import { inNamespace } from "./namespaces";

/**
 * Starts one of this folder's scripts inside a network namespace and waits until it says `ready`.
 * @param onLine gets every later line of its standard output.
 * @throws with its error output when it ends before that.
 */
export async function startInNamespace(
  namespace: string,
  script: string,
  args: readonly string[],
  cleanUp: CleanUp,
  onLine: (line: string) => void = () => undefined,
): Promise<ChildProcess> {
  const path = join(__dirname, `${script}.ts`);
  const child = spawn(...inNamespace(namespace, process.execPath, "--import", "tsx", path, ...args), {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  cleanUp.add(script, () => {
    child.kill("SIGTERM");
    return ended;
  });
  await new Promise<void>((resolve, reject) => {
    void ended.then(() => reject(new Error(`${script} in ${namespace} ended: ${errors}`)));
    createInterface(child.stdout).on("line", (line) => (line === "ready" ? resolve() : onLine(line)));
  });
  return child;
}

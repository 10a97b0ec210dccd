import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A registry on a loopback port. */
export interface LocalRegistry {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** Every request so far, as `<method> <path>`. */
  readonly requests: readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * Starts Debian's docker-registry behind a door that counts who comes in.
 * @param login `<user>:<password>` that the door asks for. @default it lets everybody in
 * @param frozen no repository is made, as in ECR, which knows only those that were declared. @default false
 */
export async function startRegistry({
  login,
  frozen = false,
}: { login?: string; frozen?: boolean } = {}): Promise<LocalRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "dmz-registry-"));
  const config = join(folder, "config.yml");
  await writeFile(
    config,
    `version: 0.1\nstorage: { filesystem: { rootdirectory: ${folder} } }\nhttp: { addr: "127.0.0.1:0" }\n`,
  );
  const child = spawn("docker-registry", ["serve", config], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      const [, number] = /listening on 127\.0\.0\.1:(\d+)/.exec(line) ?? [];
      if (number) resolve(Number(number));
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error("docker-registry ended before it listened")));
  });
  child.stdout.resume();

  const requests: string[] = [];
  const door = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    if (login && incoming.headers.authorization !== `Basic ${Buffer.from(login).toString("base64")}`) {
      outgoing.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
      return;
    }
    if (frozen && incoming.url !== "/v2/") {
      const errors = [{ code: "NAME_UNKNOWN", message: "The repository does not exist in the registry" }];
      outgoing.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify({ errors }));
      return;
    }
    const { method, url: path, headers } = incoming;
    const onward = request({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  return {
    host: `127.0.0.1:${(door.address() as AddressInfo).port}`,
    requests,
    stop: async () => {
      door.closeAllConnections();
      door.close();
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

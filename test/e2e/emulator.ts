import { spawn } from "node:child_process";
import { freePorts } from "../broker/free-ports";
import { findTool } from "./find-tool";
import { until } from "./until";

/** A running emulator of AWS's APIs. */
export interface Emulator {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts `moto_server` on a free loopback port for one account.
 * @throws naming the tool when it is not installed, or with its output when it does not answer within 90 s.
 */
export async function startEmulator(account: string): Promise<Emulator> {
  const command = findTool("moto_server", "pip install 'moto[server]' (tried with 5.2.1)");
  const [port] = await freePorts(1, "127.0.0.1");
  const child = spawn(command, ["-H", "127.0.0.1", "-p", String(port)], {
    env: {
      ...process.env,
      MOTO_ACCOUNT_ID: account,
      // It is an AWS client at times: of itself then, never of this machine's metadata service or credentials.
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ACCESS_KEY_ID: "emulator",
      AWS_SECRET_ACCESS_KEY: "emulator",
      AWS_DEFAULT_REGION: "us-east-1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // Only the tail matters, and only when it fails to start: what it logs in a run goes by.
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000)));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await until("moto_server to answer", 90_000, async () => {
      if (child.exitCode !== null) throw new Error(`moto_server ended with ${child.exitCode}: ${output}`);
      return (await fetch(`${url}/moto-api/data.json`).catch(() => undefined))?.ok;
    });
    // Without this the emulator itself would look for Docker when Secrets Manager calls a rotation function; the proxy
    // in front of it runs the real one.
    await fetch(`${url}/moto-api/config`, { method: "POST", body: JSON.stringify({ lambda: { use_docker: false } }) });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

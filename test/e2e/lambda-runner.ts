import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { credentialsOf, type Principal } from "./principals";

/** A function as Terraform deployed it. */
export interface DeployedFunction {
  readonly name: string;
  readonly runtime: string;
  /** `<file>.<export>` */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly timeout: number;
  /** The uploaded zip, exactly. */
  readonly code: Buffer;
}

export interface Invocation {
  /** JSON text that the handler returned, or Lambda's error object. */
  readonly payload: string;
  readonly failed: boolean;
  /** What it wrote to its log. */
  readonly log: string;
}

/**
 * Runs deployed functions: unzips the uploaded code and calls its handler in a process of its own, which has the
 * declared environment, the principal's credentials and nothing else of ours.
 */
export class LambdaRunner {
  readonly #folders = new WeakMap<DeployedFunction, string>();

  /**
   * @param node path of the Node.js that stands for the runtime.
   * @param folder where code is unpacked.
   * @param endpoint where the functions find AWS.
   * @param clockShift milliseconds by which a function's clock goes ahead. @default none
   */
  constructor(
    private readonly node: string,
    private readonly folder: string,
    private readonly endpoint: () => string,
    private readonly clockShift: (principal: Principal) => number = () => 0,
  ) {}

  async invoke(deployed: DeployedFunction, principal: Principal, region: string, event: string): Promise<Invocation> {
    const deadline = Date.now() + deployed.timeout * 1000;
    const child = spawn(
      this.node,
      [
        join(__dirname, "lambda-bootstrap.js"),
        this.#unpack(deployed),
        deployed.handler,
        String(deadline),
        String(this.clockShift(principal)),
      ],
      {
        cwd: this.#unpack(deployed),
        env: {
          ...deployed.environment,
          ...credentialsOf(principal),
          AWS_REGION: region,
          AWS_ENDPOINT_URL: this.endpoint(),
          AWS_LAMBDA_FUNCTION_NAME: deployed.name,
          AWS_EXECUTION_ENV: `AWS_Lambda_${deployed.runtime}`,
        },
        stdio: ["pipe", "pipe", "pipe", "pipe"],
        timeout: deployed.timeout * 1000,
        killSignal: "SIGKILL",
      },
    );
    const [log, outcome] = ["", ""].map((text) => ({ text }));
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (log!.text += chunk.toString()));
    (child.stdio[3] as NodeJS.ReadableStream).on("data", (chunk: Buffer) => (outcome!.text += chunk.toString()));
    child.stdin.on("error", () => undefined).end(event);
    const signal = await new Promise<string | null>((resolve, reject) => {
      child.once("error", reject).once("close", (_code, how) => resolve(how));
    });
    if (outcome!.text === "") {
      const errorMessage = signal
        ? `Task timed out after ${deployed.timeout} seconds`
        : "Runtime exited without a result";
      return { payload: JSON.stringify({ errorMessage }), failed: true, log: log!.text };
    }
    const { result, error } = JSON.parse(outcome!.text) as { result?: unknown; error?: unknown };
    return { payload: JSON.stringify(error ?? result), failed: error !== undefined, log: log!.text };
  }

  #unpack(deployed: DeployedFunction): string {
    const known = this.#folders.get(deployed);
    if (known) return known;
    const folder = mkdtempSync(join(this.folder, `${deployed.name}-`));
    for (const [name, bytes] of Object.entries(unzipSync(deployed.code))) {
      if (name.endsWith("/")) continue;
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), bytes);
    }
    this.#folders.set(deployed, folder);
    return folder;
  }
}

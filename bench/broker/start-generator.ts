import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { atEnd } from "./clean-up";
import { endChild } from "./end-child";
import type { GeneratorCall, GeneratorCalls, Request, Response } from "./generator-protocol";

const TSX = createRequire(__filename).resolve("tsx/cjs");

/** A generator process. */
export interface Generator {
  /** @throws when the process cannot do it, or has ended. */
  call<Call extends GeneratorCall>(
    call: Call,
    ask: Parameters<GeneratorCalls[Call]>[0],
  ): Promise<ReturnType<GeneratorCalls[Call]>>;
  end(): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a process that makes load, on its core. */
export function startGenerator(plantFile: string, core: number): Generator {
  const command = [process.execPath, "--require", TSX, join(__dirname, "generator.ts"), plantFile];
  const child = spawn("taskset", ["--cpu-list", String(core), ...command], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  atEnd(() => endChild(child));
  const waiting = new Map<number, Waiting>();
  let last = 0;
  child.on("message", (response: Response) => {
    const asked = waiting.get(response.id);
    waiting.delete(response.id);
    if ("error" in response) asked?.reject(new Error(response.error));
    else asked?.resolve(response.result);
  });
  child.once("exit", (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`the load generator ended with ${code ?? signal}`));
  });
  return {
    call: (call, ask) =>
      new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, { resolve: resolve as Waiting["resolve"], reject });
        const request: Request = { id: last, call, ask };
        child.send(request, (error) => error && reject(error));
      }),
    end: () => endChild(child),
  };
}

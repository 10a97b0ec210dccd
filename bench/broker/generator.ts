import { readFileSync } from "node:fs";
import { type Crowd, openCrowd } from "./crowd";
import type { GeneratorCalls, Request, Response } from "./generator-protocol";
import { type Load, openLoad } from "./load";
import type { Plant } from "./plant";
import { SCENARIOS, STORED } from "./scenarios";

/** A process that makes load: `generator.ts <plant file>`, started by `startGenerator`. Ends with its parent. */
const plant = JSON.parse(readFileSync(process.argv[2]!, "utf8")) as Plant;
const loads = new Map<string, Load>();
const crowds = new Map<string, Crowd>();

type Handlers = {
  [Call in keyof GeneratorCalls]: (
    ask: Parameters<GeneratorCalls[Call]>[0],
  ) => ReturnType<GeneratorCalls[Call]> | Promise<ReturnType<GeneratorCalls[Call]>>;
};

const handlers: Handlers = {
  openLoad: async ({ load, scenario, ...rest }) => {
    const found = [...SCENARIOS, STORED].find(({ name }) => name === scenario)!;
    loads.set(load, await openLoad({ plant, scenario: found, ...rest }));
  },
  saturate: ({ load, warmUpMs, measureMs }) => loads.get(load)!.saturate(warmUpMs, measureMs),
  pace: ({ load, messagesPerSecond, ms }) => loads.get(load)!.pace(messagesPerSecond, ms),
  closeLoad: ({ load }) => loads.get(load)!.close(),
  openCrowd: ({ crowd, ...rest }) => void crowds.set(crowd, openCrowd({ plant, name: crowd, ...rest })),
  grow: ({ crowd, count }) => crowds.get(crowd)!.grow(count),
  size: ({ crowd }) => crowds.get(crowd)!.size(),
  closeCrowd: ({ crowd }) => crowds.get(crowd)!.close(),
};

const answer = (response: Response): void => void process.send!(response);

process.on("message", ({ id, call, ask }: Request) => {
  const handle = handlers[call] as (ask: unknown) => unknown;
  Promise.resolve()
    .then(() => handle(ask))
    .then(
      (result) => answer({ id, result }),
      (error: unknown) => answer({ id, error: error instanceof Error ? error.message : String(error) }),
    );
});
// Interrupted by Ctrl-C together with its parent, it stays until that one has ended the brokers in order.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit());

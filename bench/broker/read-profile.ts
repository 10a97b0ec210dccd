/** As much of a V8 CPU profile as is used here; times in microseconds of the monotonic clock. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  /** `function file`, or `(garbage collector)`. */
  readonly what: string;
  /** Part of the time the process was not idle, 0 to 1. */
  readonly share: number;
}

/** Self time of a span, without idle time: by function and by the file or package it is in, most first. */
export function selfTimes(
  { nodes, startTime, samples, timeDeltas }: CpuProfile,
  [from, to]: readonly [number, number],
  bundle: string,
): { readonly functions: readonly SelfTime[]; readonly modules: readonly SelfTime[] } {
  const moduleAt = modulesOf(bundle);
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const modules = new Map<string, number>();
  let busy = 0;
  let at = startTime;
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index]!;
    at += delta;
    const frame = frames.get(id)!;
    if (at < from || at > to || frame.functionName === "(idle)") continue;
    busy += delta;
    const native = frame.url === "";
    const module = native ? "native" : frame.url.startsWith("node:") ? frame.url : moduleAt(frame.lineNumber);
    const what = `${frame.functionName || "(anonymous)"}  ${native ? "" : module}`.trimEnd();
    functions.set(what, (functions.get(what) ?? 0) + delta);
    const owner = frame.functionName.startsWith("(") ? frame.functionName : packageOf(module);
    modules.set(owner, (modules.get(owner) ?? 0) + delta);
  }
  const sorted = (times: ReadonlyMap<string, number>): SelfTime[] =>
    [...times].map(([what, time]) => ({ what, share: time / busy })).sort((a, b) => b.share - a.share);
  return { functions: sorted(functions), modules: sorted(modules) };
}

/** esbuild writes a comment with the path before each module it puts into a bundle. */
function modulesOf(bundle: string): (line: number) => string {
  const starts: { line: number; path: string }[] = [];
  for (const [line, text] of bundle.split("\n").entries()) {
    const path = /^\s*\/\/ ((?:node_modules|broker|policy|vault)\/\S+)$/.exec(text)?.[1];
    if (path) starts.push({ line, path });
  }
  return (line) => starts.findLast((start) => start.line <= line)?.path ?? "bundle";
}

const packageOf = (module: string): string =>
  /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1] ?? module.split("/").slice(0, 2).join("/");

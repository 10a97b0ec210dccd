import type { ListrTask } from "listr2" with { "resolution-mode": "import" };
import type { Output } from "./output";

/** One piece of work that a person may have to wait for. */
export interface Step {
  /** What is being done, as a sentence without a full stop. */
  readonly title: string;
  /** Does it. `report` says how far it is, in place of the last such word. @returns what came of it, shown behind the title */
  run(report: (progress: string) => void): Promise<string | undefined>;
}

/**
 * Runs the steps one after the other and shows how far they are: redrawn on a terminal, line by line in a log, as
 * `progress` events with `--json`. Stops at the first that throws, with its error, and before the next when `signal` is
 * aborted, with its reason.
 */
export async function runSteps(steps: readonly Step[], output: Output, signal?: AbortSignal): Promise<void> {
  if (!output.live) {
    for (const { title, run } of steps) {
      signal?.throwIfAborted();
      output.event("progress", { step: title, state: "started" });
      const result = await run((detail) => {
        output.event("progress", { step: title, state: "running", detail });
        output.text(`  ${title}: ${detail}`);
      });
      output.event("progress", { step: title, state: "done", ...(result && { detail: result }) });
      output.text(`✔ ${title}${result ? `: ${result}` : ""}`);
    }
    return;
  }
  // Loaded here: logs, JSON and --help do without it.
  const { Listr } = await import("listr2");
  const task = ({ title, run }: Step): ListrTask => ({
    title,
    task: async (_, shown) => {
      signal?.throwIfAborted();
      const result = await run((detail) => void (shown.output = detail));
      if (result) shown.title = `${title}: ${output.colours.dim(result)}`;
    },
  });
  await new Listr(steps.map(task), {
    // Ctrl-C is ours: it has a broker to close.
    registerSignalListeners: false,
    renderer: "default",
    // The one message at the end says it; twice would be noise.
    rendererOptions: { showErrorMessage: false, collapseErrors: false },
  }).run();
}

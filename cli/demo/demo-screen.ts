import type { Output } from "../output";
import type { CheckResult } from "./check";

/** Widest line, in columns: what a terminal has by default leaves some room. */
const WIDTH = 100;

/** Shows each check as it happens, and the sum at the end. */
export interface DemoScreen {
  show(result: CheckResult): void;
  /** @returns whether everything came as the site declares */
  finish(): boolean;
}

/** @param names of all players, to line up the columns */
export function demoScreen(output: Output, names: readonly string[]): DemoScreen {
  const { colours } = output;
  const results: CheckResult[] = [];
  const columns = Math.min(process.stdout.columns || 80, WIDTH);
  const nameWidth = Math.min(24, Math.max(...names.map((name) => name.length)));
  let group = "";

  output.text();
  output.text(
    `  ${colours.bold("Demo")}  ${colours.dim("Real MQTT clients, each with its own bundle, try what follows.")}`,
  );
  output.text(`        ${colours.dim("What the site does not declare must be refused.")}`);
  output.text(`        ${colours.dim("A second broker serves them, so your own sessions stay as they are.")}`);

  return {
    show: (result) => {
      results.push(result);
      output.event("check", { ...result, ok: result.actual === result.expected });
      if (result.group !== group) {
        group = result.group;
        output.text();
        output.text(`  ${colours.bold(group)}`);
      }
      const head = `  ${mark(result)}  ${colours.cyan(result.who.padEnd(nameWidth))}  `;
      const used = 2 + MARK_WIDTH + 2 + nameWidth + 2;
      const { does, how } = result;
      // How it came about stands in the same line if there is room, else below what was tried.
      const room = columns - used - does.length - how.length;
      if (room >= 2) output.text(`${head}${does}${" ".repeat(room)}${colours.dim(how)}`);
      else output.text(`${head}${does}\n${" ".repeat(used)}${colours.dim(`└ ${how}`)}`);
    },
    finish: () => {
      const wrong = results.filter((result) => result.actual !== result.expected);
      output.event("demo", { checks: results.length, unexpected: wrong.length });
      output.text();
      if (wrong.length === 0) {
        output.text(`  ${colours.green(`All ${results.length} came as the site declares.`)}`);
      } else {
        output.text(`  ${colours.red(`${wrong.length} of ${results.length} did not come as the site declares:`)}`);
        for (const { who, does, expected, actual, how } of wrong)
          output.text(`  ${who} ${does}: expected ${expected}, was ${actual} (${how})`);
      }
      return wrong.length === 0;
    },
  };

  function mark({ expected, actual }: CheckResult): string {
    const word = (actual === "allowed" ? "✔ allowed" : actual === "refused" ? "✖ refused" : "! failed").padEnd(
      MARK_WIDTH,
    );
    if (actual !== expected) return colours.inverse(colours.red(word));
    return actual === "allowed" ? colours.green(word) : colours.yellow(word);
  }
}

const MARK_WIDTH = 9;

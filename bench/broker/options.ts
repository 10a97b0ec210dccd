import { parseArgs } from "node:util";
import { type Qos, type Scenario, SCENARIOS } from "./scenarios";

/** What `npm run bench:broker` is asked to do. */
export interface Options {
  /** Few, short rounds: shows that it works, and no more. */
  readonly quick: boolean;
  readonly scenarios: readonly Scenario[];
  /** Whether connection costs are measured too: not when single scenarios were asked for. */
  readonly connectionCosts: boolean;
  readonly task: "compare" | "profile" | "connections";
  /** For a profile. */
  readonly qos: Qos;
}

const USAGE = `npm run bench:broker                            everything; writes bench/results/broker.json and docs/performance.md
npm run bench:broker -- --quick                 the same in short, figures only printed
npm run bench:broker -- --only <scenario>       one scenario, figures only printed
npm run bench:broker -- --profile <scenario>    our broker's CPU profile; --qos 0 (default) or 1
npm run bench:broker -- connections             as many idle connections as the machine holds, up to 20,000
scenarios: ${SCENARIOS.map(({ name }) => name).join(", ")}`;

/** @throws with the usage when something is asked for that is not there. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const named = values.profile ?? values.only;
  const scenarios = SCENARIOS.filter(({ name }) => named === undefined || name === named);
  if (scenarios.length === 0) throw new Error(`'${named}' is no scenario\n${USAGE}`);
  if (values.qos !== "0" && values.qos !== "1")
    throw new Error(`'--qos' must be 0 or 1, got '${values.qos}'\n${USAGE}`);
  if (positionals.length > 1 || (positionals[0] ?? "connections") !== "connections") {
    throw new Error(`'${positionals.join(" ")}' is not known\n${USAGE}`);
  }
  return {
    quick: values.quick,
    scenarios,
    connectionCosts: named === undefined,
    task: positionals.length > 0 ? "connections" : values.profile === undefined ? "compare" : "profile",
    qos: values.qos === "1" ? 1 : 0,
  };
}

function parse(args: readonly string[]): ReturnType<typeof strict> {
  try {
    return strict(args);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`, { cause: error });
  }
}

const strict = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      profile: { type: "string" },
      qos: { type: "string", default: "0" },
    },
  });

import type { Account } from "./measurement";
import type { ConnectionResult, Pair, Results, ScenarioResult } from "./results";

/** A table with a head; the same in the terminal and, as Markdown, in docs/performance.md. */
export type Table = readonly (readonly string[])[];

/** Said with the figures when `isBusy`. */
export const BUSY =
  "Other work ran on the same cores: read the ratios of CPU a delivery; deliveries a second and latencies are the neighbours' doing.";

export const isBusy = ({ machine }: Results): boolean => machine.loadBefore > 0.5;

export const messageTable = (scenarios: readonly ScenarioResult[]): Table => [
  [
    "scenario",
    "QoS",
    "CPU µs a delivery: ours",
    "mosquitto",
    "ratio",
    "range",
    "deliveries/s: ours",
    "mosquitto",
    "ratio",
    "p50 ms at half load: ours",
    "mosquitto",
    "p99 ms: ours",
    "mosquitto",
  ],
  ...scenarios.map((one) => [
    one.scenario,
    String(one.qos),
    ...figures(one.cpuMicrosecondsPerDelivery, 1),
    one.ratioRange.map((ratio) => ratio.toFixed(2)).join("-"),
    ...figures(one.deliveriesPerSecond, 0),
    ...figures(one.latencyP50, 2).slice(0, 2),
    ...figures(one.latencyP99, 2).slice(0, 2),
  ]),
];

export const connectionTable = (one: ConnectionResult): Table => [
  [`${one.connections} connections`, "ours", "mosquitto", "ratio"],
  ["CPU µs a connect", ...figures(one.cpuMicrosecondsPerConnect, 0)],
  ["connects/s", ...figures(one.connectsPerSecond, 0)],
  ["KiB a connection", ...figures({ ...one.bytesPerConnection, ...kibibytes(one.bytesPerConnection) }, 1)],
];

/** Whether the generator kept up, and whether every message arrived once and in order. */
export const trustTable = ({ scenarios, connections }: Results): Table => [
  [
    "busy, % of a core",
    "broker: ours",
    "mosquitto",
    "generator: with ours",
    "with mosquitto",
    "delivered: ours",
    "mosquitto",
    "lost: ours",
    "mosquitto",
    "out of sequence: ours",
    "mosquitto",
  ],
  ...scenarios.map((one) => [
    `${one.scenario} QoS ${one.qos}`,
    ...percent(one.brokerShare),
    ...percent(one.generatorShare),
    ...both(one, ({ delivered }) => delivered),
    ...both(one, ({ expected, delivered }) => expected - delivered),
    ...both(one, ({ outOfSequence }) => outOfSequence),
  ]),
  ...(connections
    ? [
        [
          "connects",
          ...percent(connections.brokerShare),
          ...percent(connections.generatorShare),
          "",
          "",
          "",
          "",
          "",
          "",
        ],
      ]
    : []),
];

export function plainText(table: Table): string {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  return table.map((row) => row.map(cell).join("  ")).join("\n");
}

export function markdown([head, ...rows]: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = head!.map((_, column) => (column === 0 ? "---" : "---:"));
  return [head!, rule, ...rows].map(line).join("\n");
}

const figures = ({ ours, mosquitto, ratio }: Pair, digits: number): [string, string, string] => [
  ours.toFixed(digits),
  mosquitto.toFixed(digits),
  ratio.toFixed(2),
];

const both = ({ accounts }: ScenarioResult, of: (account: Account) => number): [string, string] => [
  String(of(accounts.ours)),
  String(of(accounts.mosquitto)),
];

const percent = ({ ours, mosquitto }: Pair): [string, string] => [
  (ours * 100).toFixed(0),
  (mosquitto * 100).toFixed(0),
];

const kibibytes = ({ ours, mosquitto }: Pair): Omit<Pair, "ratio"> => ({
  ours: ours / 1024,
  mosquitto: mosquitto / 1024,
});

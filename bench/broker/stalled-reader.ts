import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildBroker } from "../../broker/build";
import { cleanUp, cleanUpOnSignals } from "./clean-up";
import { takeCores } from "./cores";
import { openLoad } from "./load";
import type { Plant } from "./plant";
import { prepareSite } from "./prepare-site";
import { residentBytes } from "./process-usage";
import type { Qos, Scenario } from "./scenarios";
import { openStalledClient } from "./stalled-client";
import { startOurs } from "./start-ours";

/**
 * `npm run bench:stalled`: one client subscribes to everything and stops reading, while 120 others publish to a reader that
 * does read. What that one gets must not suffer.
 */
const SCENARIO: Scenario = {
  name: "stalled-reader",
  publishers: 120,
  subscribers: 1,
  reads: "every",
  window: { 0: 1, 1: 1 },
};
const FILTER = "spBv1.0/+/NDATA/+";
/** In 20 s more than the kernel keeps for a reader on loopback; a healthy one keeps up on a busy machine. */
const MESSAGES_PER_SECOND = 2_500;
const WARM_UP_PER_SECOND = 500;
const WARM_UP_MS = 3_000;
const MEASURE_MS = 20_000;
const MOST_P99_MS = 100;

/** QoS of the messages, and of the reader that stalls. */
const ROUNDS: readonly (readonly [messages: Qos, stalled: Qos | undefined])[] = [
  [1, undefined],
  [1, 0],
  [1, 1],
  [0, 0],
];

interface Round {
  readonly p50: number;
  readonly p99: number;
  readonly lost: number;
  readonly outOfSequence: number;
  readonly grownBytes: number;
}

async function main(): Promise<void> {
  cleanUpOnSignals();
  const cores = takeCores();
  const site = await prepareSite(SCENARIO.publishers);
  const plant = JSON.parse(readFileSync(site.plant, "utf8")) as Plant;
  const bundle = join(site.folder, "broker.cjs");
  await buildBroker(bundle);

  const round = async (qos: Qos, stalledAt: Qos | undefined): Promise<Round> => {
    const server = await startOurs({ site, core: cores.broker, bundle });
    const load = await openLoad({ plant, port: server.port, brokerPid: server.pid, scenario: SCENARIO, qos });
    await load.pace(WARM_UP_PER_SECOND, WARM_UP_MS);
    const before = residentBytes(server.pid);
    const identity = plant.readers.at(-1)!;
    const stalled =
      stalledAt === undefined
        ? undefined
        : await openStalledClient({
            port: server.port,
            trust: plant.trust,
            identity,
            clientId: `${identity.name}~stalled`,
            filter: FILTER,
            qos: stalledAt,
          });
    const { p50, p99 } = await load.pace(MESSAGES_PER_SECOND, MEASURE_MS);
    const grownBytes = residentBytes(server.pid) - before;
    const { expected, delivered, outOfSequence } = await load.close();
    stalled?.destroy();
    await server.end();
    return { p50, p99, lost: expected - delivered, outOfSequence, grownBytes };
  };

  let failed = false;
  for (const [qos, stalledAt] of ROUNDS) {
    const { p50, p99, lost, outOfSequence, grownBytes } = await round(qos, stalledAt);
    const beside = stalledAt === undefined ? "nobody stalled" : `a reader at QoS ${stalledAt} stalled`;
    console.log(
      `QoS ${qos}, ${beside}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${lost} lost, ` +
        `${outOfSequence} out of order, broker ${(grownBytes / 2 ** 20).toFixed(1)} MiB more`,
    );
    failed ||= stalledAt !== undefined && (p99 > MOST_P99_MS || (qos === 1 && (lost > 0 || outOfSequence > 0)));
  }
  console.log(`${SCENARIO.publishers} publishers, ${MESSAGES_PER_SECOND} messages/s together`);
  if (failed) throw new Error(`others must lose nothing at QoS 1 and wait less than ${MOST_P99_MS} ms (p99)`);
}

main()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  })
  .finally(cleanUp);

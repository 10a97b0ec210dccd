import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { QUEUE_DEFAULTS } from "../../../policy/edge-device";
import { openFloodInbox } from "../inbox";
import { type Lab, openLab } from "../lab";
import { openLink } from "../link";
import { account } from "../numbering";
import { NumberedApplication, numberOf } from "../numbered-application";

/** Ten values a second of 200 bytes, for an hour. */
const SECONDS = 3_600;
const PER_SECOND = 10;
const BYTES = 200;

jest.setTimeout(600_000);

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

/**
 * Real: the messages, the disk, the broker, the refused connections, a kill in the middle. Simulated: time. The hour's messages are
 * handed over as fast as the agent takes them, and the pauses between attempts to connect are those of the tests.
 */
test("an hour of messages with the broker gone is stored over a restart of the agent, and drained in order", async () => {
  const link = await openLink(() => lab.broker.ports.mqtt);
  try {
    const device = await lab.device("gw-1", { mqtt: link.port, https: 1 });
    const inbox = await openFloodInbox(await lab.client("master"), "plant/line/gw-1/data/n");
    const application = new NumberedApplication(device.socket);
    const first = lab.start(device);
    await first.said(/^connected:/);
    await application.connect();
    await application.send(1, BYTES);
    await inbox.reached(1);

    link.cut();
    await first.said(/^disconnected:/);
    const started = performance.now();
    const half = async (): Promise<void> => {
      // A minute's messages at a time, as an application that waits for its acknowledgements.
      for (let minute = 0; minute < SECONDS / 120; minute++) await application.send(60 * PER_SECOND, BYTES);
    };
    await half();
    await first.stop("SIGKILL");
    const second = lab.start(device);
    await second.said(/^ready:/);
    await application.connect();
    await half();
    const stored = performance.now() - started;
    expect(inbox.messages).toHaveLength(1);
    expect(application.accepted).toHaveLength(1 + SECONDS * PER_SECOND);
    const queue = join(device.data, "queue");
    let disk = 0;
    for (const name of await readdir(queue)) disk += (await stat(join(queue, name))).size;
    // All of it is there, and far from where the oldest give way.
    expect(disk).toBeGreaterThan(SECONDS * PER_SECOND * BYTES);
    expect(disk).toBeLessThan(QUEUE_DEFAULTS.maxBytes / 10);

    const mended = performance.now();
    link.mend();
    const last = application.accepted.at(-1);
    await inbox.got((message) => numberOf(message) === last);
    const drained = performance.now() - mended;
    const { lost, disorder, duplicates } = account(application.accepted, inbox.messages.map(numberOf));
    process.stdout.write(
      `an hour without the broker: ${SECONDS} s x ${PER_SECOND} messages of ${BYTES} bytes, ${application.accepted.length} ` +
        `accepted in ${(stored / 1000).toFixed(1)} s, ${(disk / 1e6).toFixed(1)} MB on disk; drained in ` +
        `${(drained / 1000).toFixed(1)} s: ${lost.length} lost, ${disorder.length} out of order, ${duplicates} again\n`,
    );
    expect({ lost, disorder }).toEqual({ lost: [], disorder: [] });
    application.close();
  } finally {
    await link.close();
  }
});

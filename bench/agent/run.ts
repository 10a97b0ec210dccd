import { mkdir, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { openFloodInbox } from "../../test/edge-agent/inbox";
import { type Lab, openLab } from "../../test/edge-agent/lab";
import { openLink } from "../../test/edge-agent/link";
import { connectAgent, type LocalClient } from "../../test/edge-agent/local-client";
import { account } from "../../test/edge-agent/numbering";
import { numberOf } from "../../test/edge-agent/numbered-application";
import { processFigures } from "./process-figures";

/** `npm run bench:agent -- --quick` for a look: a tenth of everything. */
const QUICK = process.argv.includes("--quick");
const RATE = 1_000;
const SECONDS = QUICK ? 5 : 60;
const QUEUED = QUICK ? 10_000 : 100_000;
const BYTES = 200;
const MIB = 1024 * 1024;

const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
const quantile = (sorted: readonly number[], q: number): number => round(sorted[Math.floor(q * (sorted.length - 1))]!);

/** Sends numbers at a rate, and measures how long each takes to be on disk, ms. */
async function sendPaced(client: LocalClient, rate: number, seconds: number): Promise<readonly number[]> {
  const latencies: number[] = [];
  const pending: Promise<void>[] = [];
  const started = performance.now();
  for (let sent = 0; sent < rate * seconds;) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - started) / 1000) * rate));
    for (; sent < due; sent++) {
      const at = performance.now();
      pending.push(
        client.publish("data/n", `${sent}`.padEnd(BYTES)).then(() => void latencies.push(performance.now() - at)),
      );
    }
    await pause(2);
  }
  await Promise.all(pending);
  return latencies.sort((a, b) => a - b);
}

async function sustained(lab: Lab) {
  const device = await lab.device();
  const agent = lab.start(device);
  await agent.said(/^connected:/);
  const inbox = await openFloodInbox(await lab.client("master"), "plant/line/gw-1/data/n");
  const client = await connectAgent(device.socket);
  const before = processFigures(agent.pid);
  const started = performance.now();
  const latencies = await sendPaced(client, RATE, SECONDS);
  await inbox.got((message) => numberOf(message) === RATE * SECONDS - 1);
  const seconds = (performance.now() - started) / 1000;
  const after = processFigures(agent.pid);
  client.close();
  await agent.stop();
  const messages = latencies.length;
  const { lost, disorder } = account(Array(messages).keys(), inbox.messages.map(numberOf));
  return {
    messages,
    bytes: BYTES,
    perSecond: round(messages / seconds, 0),
    lost: lost.length,
    disorder: disorder.length,
    cpuPercentOfOneCore: round(((after.cpu - before.cpu) / seconds) * 100, 1),
    peakRssMiB: round(after.peakRss / MIB, 1),
    onDiskMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), worst: quantile(latencies, 1) },
    diskBytesPerMessage: round((after.written - before.written) / messages, 0),
  };
}

/** What one message costs the flash when none comes with it. */
async function seldom(lab: Lab) {
  const device = await lab.device();
  const agent = lab.start(device);
  await agent.said(/^connected:/);
  const client = await connectAgent(device.socket);
  await client.publish("data/n", "0".padEnd(BYTES));
  await pause(1_500);
  const before = processFigures(agent.pid);
  const count = 10;
  for (let n = 0; n < count; n++) {
    await client.publish("data/n", `${n}`.padEnd(BYTES));
    // Its acknowledgement is noted on disk within a second.
    await pause(1_500);
  }
  const after = processFigures(agent.pid);
  client.close();
  await agent.stop();
  return { messages: count, diskBytesPerMessage: round((after.written - before.written) / count, 0) };
}

async function drained(lab: Lab) {
  const link = await openLink(() => lab.broker.ports.mqtt);
  link.cut();
  const device = await lab.device("gw-1", { mqtt: link.port, https: 1 });
  const agent = lab.start(device);
  await agent.said(/^ready:/);
  const client = await connectAgent(device.socket);
  const inbox = await openFloodInbox(await lab.client("master"), "plant/line/gw-1/data/n");
  const filling = performance.now();
  for (let from = 0; from < QUEUED; from += 1_000)
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => client.publish("data/n", `${from + i}`.padEnd(BYTES))));
  const filled = performance.now();
  const before = processFigures(agent.pid);
  link.mend();
  await agent.said(/^connected:/);
  const connected = performance.now();
  await inbox.got((message) => numberOf(message) === QUEUED - 1);
  const seconds = (performance.now() - connected) / 1000;
  const after = processFigures(agent.pid);
  const { lost, disorder, duplicates } = account(Array(QUEUED).keys(), inbox.messages.map(numberOf));
  client.close();
  await agent.stop();
  await link.close();
  return {
    messages: QUEUED,
    acceptedPerSecond: round(QUEUED / ((filled - filling) / 1000), 0),
    seconds: round(seconds, 1),
    perSecond: round(QUEUED / seconds, 0),
    lost: lost.length,
    disorder: disorder.length,
    duplicates,
    cpuSeconds: round(after.cpu - before.cpu, 1),
    peakRssMiB: round(after.peakRss / MIB, 1),
  };
}

async function main(): Promise<void> {
  const lab = await openLab();
  try {
    const results = { sustained: await sustained(lab), seldom: await seldom(lab), drained: await drained(lab) };
    process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
    if (!QUICK) {
      await mkdir("bench/results", { recursive: true });
      await writeFile("bench/results/agent.json", `${JSON.stringify(results, undefined, 2)}\n`);
    }
    const faults = [
      results.sustained.perSecond < RATE * 0.97 &&
        `sustained ${results.sustained.perSecond} of ${RATE} messages a second`,
      results.sustained.peakRssMiB > 80 && `${results.sustained.peakRssMiB} MiB of memory, 80 were promised`,
      results.drained.peakRssMiB > 80 && `${results.drained.peakRssMiB} MiB of memory in the drain, 80 were promised`,
      results.drained.seconds > 60 && `the queue drained in ${results.drained.seconds} s, 60 were promised`,
      results.sustained.lost + results.drained.lost > 0 && "messages were lost",
      results.sustained.disorder + results.drained.disorder > 0 && "messages were out of order",
    ].filter((fault) => typeof fault === "string");
    for (const fault of faults) process.stdout.write(`FAILED: ${fault}\n`);
    process.exitCode = faults.length > 0 ? 1 : 0;
  } finally {
    await lab.close();
  }
}

void main();

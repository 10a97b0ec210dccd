import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { killCycles } from "../kill-cycles";
import { type Lab, openLab } from "../lab";
import { randomFrom } from "../random";

/** `npm run test:agent-kills -- --full` runs what the project promises; less of it shows the same in CI. */
const FULL = process.env["DMZ_KILLS"] === "full";
const CYCLES = FULL ? 50 : 15;

jest.setTimeout(600_000);

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

test(`${CYCLES} times kill -9 of a sending agent, and every message that it accepted arrives, in order`, async () => {
  const seed = Number(process.env["DMZ_SEED"] ?? Date.now() % 1_000_000);
  const { lost, disorder, ...report } = await killCycles(lab, CYCLES, randomFrom(seed));
  const line =
    `seed ${seed}: ${report.cycles} kills, ${report.dark} of them with the broker gone; ${report.accepted} messages accepted, ` +
    `${report.received} received, ${report.duplicates} of them again; ${lost.length} lost, ${disorder.length} out of order\n`;
  process.stdout.write(line);
  if (FULL) {
    await mkdir("bench/results", { recursive: true });
    await writeFile("bench/results/agent-kills.txt", line);
  }
  expect({ lost, disorder }).toEqual({ lost: [], disorder: [] });
  expect(report.accepted).toBeGreaterThan(CYCLES * 20);
});

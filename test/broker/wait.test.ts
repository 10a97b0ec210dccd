import { expect, test } from "@jest/globals";
import { initialise } from "../../ca/initialise";
import { installAccessDocument } from "../../ca/local-site";
import { captureLog } from "./log-capture";
import { MemoryVault } from "./memory-vault";
import { createPlant, plantSite, SITE } from "./plant";
import { startTestBroker } from "./start-test-broker";

const empty = async () => ({ ...(await createPlant()), vault: new MemoryVault() });

test("a broker whose site is not initialised waits, says what for, and starts when it is there", async () => {
  const plant = await empty();
  const { log, lines, until } = captureLog();
  const started = startTestBroker(plant, {}, { log });
  expect(JSON.stringify((await until("waiting"))["missing"])).toContain(
    "server certificate: written by the CA's 'initialise'",
  );
  expect(lines.some(({ event }) => event === "listening")).toBe(false);

  await initialise(plant.vault, { site: SITE, dns: ["localhost"], ip: [], credentialShards: 1 });
  await until("listening");
  await until(
    "waiting",
    ({ missing }) => JSON.stringify(missing) === "[\"access document: activated by 'cdktf deploy' or 'dmz start'\"]",
  );
  expect(lines.some(({ event }) => event === "active")).toBe(false);

  await installAccessDocument(plant.vault, plantSite());
  const broker = await started;
  expect(broker.isActive()).toBe(true);
  await broker.close();
});

test("a broker that waits gives up when it is told to", async () => {
  const stopping = new AbortController();
  const { log, until } = captureLog();
  const started = startTestBroker(await empty(), {}, { log, signal: stopping.signal });
  await until("waiting");
  stopping.abort(new Error("SIGTERM"));
  await expect(started).rejects.toThrow("SIGTERM");
});

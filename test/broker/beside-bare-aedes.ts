import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll } from "@jest/globals";
import { startBareAedes, type BareAedes } from "./bare-aedes";
import { createPlant, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";

/** Our broker and Aedes as it is shipped, for a whole test file. */
export interface BesideBareAedes {
  readonly plant: Plant;
  readonly broker: TestBroker;
  readonly bare: BareAedes;
  /** A connection to our broker over TLS. @param name whose certificate it shows. @default none */
  dial(name?: string): TLSSocket;
}

/** Starts both before the file's first test and ends them after its last: what it returns is there within tests alone. */
export function besideBareAedes(): BesideBareAedes {
  let started: Omit<BesideBareAedes, "dial"> | undefined;
  beforeAll(async () => {
    const plant = await createPlant();
    started = { plant, broker: await startTestBroker(plant), bare: await startBareAedes() };
  });
  afterAll(async () => {
    await started?.broker.close();
    await started?.bare.close();
  });
  return {
    get plant() {
      return started!.plant;
    },
    get broker() {
      return started!.broker;
    },
    get bare() {
      return started!.bare;
    },
    dial: (name) => {
      const { plant, broker } = started!;
      const bundle = name === undefined ? undefined : plant.bundles[name];
      return connect({
        host: "127.0.0.1",
        port: broker.ports.mqtt,
        servername: "localhost",
        ca: plant.ca,
        key: bundle?.key,
        cert: bundle?.certificate,
      });
    },
  };
}

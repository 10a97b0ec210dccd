import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "@jest/globals";
import { build } from "esbuild";
import { BROKER_BUNDLE, buildBroker } from "../../broker/build";

export interface Bundles {
  /** What the container runs. */
  broker: string;
  /** The same with a lease that never notices that it is over: what the fence and the gate are there for. */
  ungated: string;
}

/** Bundles for one test file, made before its first test. */
export function bundles(): Bundles {
  const folder = mkdtempSync(join(tmpdir(), "dmz-faults-bundle-"));
  const made: Bundles = { broker: join(folder, "broker.cjs"), ungated: join(folder, "ungated.cjs") };
  beforeAll(async () => {
    await buildBroker(made.broker);
    await build({ ...BROKER_BUNDLE, entryPoints: [join(__dirname, "ungated-broker.ts")], outfile: made.ungated });
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  return made;
}

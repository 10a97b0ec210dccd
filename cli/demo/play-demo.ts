import type { Site } from "../../policy/site";
import type { BrokerAddress } from "../client-connection";
import type { Output } from "../output";
import type { Cast } from "./cast";
import { runCheck } from "./check";
import { demoChecks } from "./demo-checks";
import { demoScreen } from "./demo-screen";
import { forgeCertificate } from "./forge-certificate";
import { openStage } from "./stage";

/** A moment for the eye between two lines on a terminal, ms; nobody waits in a log. */
const BEAT = 90;

export interface DemoProps {
  readonly site: Site;
  readonly cast: Cast;
  /** Where the broker is that it plays against: it ends sessions and leaves messages there. */
  readonly address: BrokerAddress;
  /** Folder of the client bundles. */
  readonly clients: string;
  /** Ends the demo before its next check. */
  readonly signal: AbortSignal;
}

/**
 * Plays two edge devices and an enterprise client against the running broker, with their own bundles over real
 * connections, and shows what each is allowed and refused.
 * @returns whether everything came as the site declares
 */
export async function playDemo({ site, cast, address, clients, signal }: DemoProps, output: Output): Promise<boolean> {
  const players = [...cast.edge.map(({ identity }) => identity), cast.host, ...(cast.operator ? [cast.operator] : [])];
  const names = players.map(({ name }) => name);
  const stage = await openStage(`mqtts://${address.host}:${address.mqttPort}`, clients, players);
  try {
    const forged = await forgeCertificate(site.name, names[0]!);
    const screen = demoScreen(output, names);
    for (const check of demoChecks(stage, cast, forged)) {
      signal.throwIfAborted();
      if (output.live) await new Promise((resolve) => setTimeout(resolve, BEAT));
      screen.show(await runCheck(check));
    }
    return screen.finish();
  } finally {
    await stage.close();
  }
}

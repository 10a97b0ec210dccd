import { setTimeout as pause } from "node:timers/promises";
import { openFloodInbox } from "./inbox";
import type { Lab } from "./lab";
import { type Link, openLink } from "./link";
import { type Account, account } from "./numbering";
import { NumberedApplication, numberOf } from "./numbered-application";

export interface KillReport extends Account {
  readonly cycles: number;
  readonly accepted: number;
  readonly received: number;
  /** Cycles in which the broker could not be reached. */
  readonly dark: number;
}

/** Messages that are accepted between two kills, at least. */
const LEAST = 25;

/**
 * Kills the agent with SIGKILL again and again while an application sends, every third time with the line to the broker
 * cut, and accounts for every message that it accepted.
 * @param random from 0 to below 1; the same numbers give the same cycles
 */
export async function killCycles(lab: Lab, cycles: number, random: () => number): Promise<KillReport> {
  const link: Link = await openLink(() => lab.broker.ports.mqtt);
  try {
    const device = await lab.device("gw-1", { mqtt: link.port, https: 1 });
    const inbox = await openFloodInbox(await lab.client("master"), "plant/line/gw-1/data/n");
    const application = new NumberedApplication(device.socket);
    let dark = 0;
    for (let cycle = 0; cycle <= cycles; cycle++) {
      const isDark = cycle % 3 === 2 && cycle < cycles;
      if (isDark) {
        dark++;
        link.cut();
      } else link.mend();
      const agent = lab.start(device);
      await agent.said(/^ready:/);
      await application.connect();
      if (cycle === cycles) break;
      const killed = new AbortController();
      const sending = application.sendUntil(killed.signal, 200);
      // However slow the machine is, there is something to lose.
      await Promise.all([pause(50 + 450 * random()), application.reached(application.accepted.length + LEAST)]);
      killed.abort();
      await agent.stop("SIGKILL");
      await sending;
    }
    // In order, so that when the last one is there all are.
    await application.send(1);
    const last = application.accepted.at(-1);
    await inbox.got((message) => numberOf(message) === last);
    application.close();
    const received = inbox.messages.map(numberOf);
    return {
      cycles,
      dark,
      accepted: application.accepted.length,
      received: received.length,
      ...account(application.accepted, received),
    };
  } finally {
    await link.close();
  }
}

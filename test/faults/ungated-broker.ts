import { randomUUID } from "node:crypto";
import { awsLeaseTable } from "../../broker/src/aws-lease";
import { readConfig } from "../../broker/src/config";
import type { LeaseEvents } from "../../broker/src/lease";
import { createLogger } from "../../broker/src/logger";
import { openVault } from "../../broker/src/open-vault";
import { peerAddress } from "../../broker/src/peer-address";
import { startBroker } from "../../broker/src/start-broker";
import { TableLease } from "../../broker/src/table-lease";

/** Once it held the lease, it believes so for ever: neither a deadline nor the table's answer changes that. */
class DeafLease extends TableLease {
  #own: number | undefined;

  override get epoch(): number | undefined {
    return this.#own ?? super.epoch;
  }

  override emit<E extends keyof LeaseEvents>(event: E, ...values: LeaseEvents[E]): boolean {
    if (event === "lost") return false;
    if (event === "acquired") [this.#own] = values as LeaseEvents["acquired"];
    return super.emit(event, ...(values as never));
  }
}

const config = readConfig(process.env);
const log = createLogger(config.logLevel, config.site);
const address = peerAddress(config);
const lease = new DeafLease({ table: awsLeaseTable(config.site), holder: `${address} ${randomUUID()}`, address, log });
startBroker(config, { vault: openVault(config), log, lease }).catch((error: unknown) => {
  log.fatal({ error }, "not-started");
  process.exit(1);
});

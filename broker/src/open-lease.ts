import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { awsLeaseTable } from "./aws-lease";
import type { BrokerConfig } from "./config";
import { FileLease } from "./file-lease";
import type { Lease } from "./lease";
import type { Logger } from "./logger";
import { peerAddress } from "./peer-address";
import { TableLease } from "./table-lease";

/** The lease that goes with where the secrets are: the site's table in AWS, a lock file beside a directory. */
export function openLease(config: BrokerConfig, log: Logger): Lease {
  if (config.source.kind === "directory") return new FileLease(join(config.source.path, "broker.lock"), log);
  const address = peerAddress(config);
  return new TableLease({ table: awsLeaseTable(config.site), holder: `${address} ${randomUUID()}`, address, log });
}

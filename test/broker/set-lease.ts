import { EventEmitter } from "node:events";
import type { Holder, Lease, LeaseEvents } from "../../broker/src/lease";

/** A lease that is what the test says. */
export class SetLease extends EventEmitter<LeaseEvents> implements Lease {
  epoch: number | undefined;
  holder: Holder | undefined;
  deadline = 0;
  start = async (): Promise<void> => undefined;
  release = async (): Promise<void> => undefined;
  stop = (): void => undefined;
}

import { EventEmitter } from "node:events";
import type { Holder, Lease, LeaseEvents } from "../../broker/src/lease";

/** A lease that is what the test says. */
export class SetLease extends EventEmitter<LeaseEvents> implements Lease {
  epoch: number | undefined;
  holder: Holder | undefined;
  deadline = 0;
  completed: string | undefined;
  start = async (): Promise<void> => undefined;
  complete = async (folder: string): Promise<boolean> => {
    if (this.epoch !== undefined) this.completed = folder;
    return this.epoch !== undefined;
  };
  release = async (close?: () => Promise<void>): Promise<void> => close?.();
  stop = (): void => undefined;
}

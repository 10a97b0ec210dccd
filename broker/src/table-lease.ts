import { EventEmitter } from "node:events";
import { LEASE, RELEASED, type Holder, type Lease, type LeaseEvents } from "./lease";
import type { LeaseItem, LeaseTable } from "./lease-table";
import type { Logger } from "./logger";

export interface TableLeaseProps {
  readonly table: LeaseTable;
  /** Unique for each process: task and boot. */
  readonly holder: string;
  /** Where peers relay to. */
  readonly address: string;
  readonly log: Logger;
  /** Milliseconds. @default LEASE */
  readonly times?: { readonly ttlMs: number; readonly renewMs: number; readonly lookMs: number };
  /** Monotonic clock in milliseconds. @default performance.now */
  readonly now?: () => number;
}

/**
 * A lease in a table of conditional writes. No clock is compared between machines: the holder counts its time from
 * before each renewal was sent, and a contender takes over only after it has seen the same (epoch, beat) for a whole TTL
 * of its own clock, or when the holder released it. So the old deadline is always over before the new epoch begins.
 */
export class TableLease extends EventEmitter<LeaseEvents> implements Lease {
  holder: Holder | undefined;
  deadline = 0;
  completed: string | undefined;
  #epoch: number | undefined;
  #seen: { epoch: number; beat: number; since: number } | undefined;
  #contends = true;
  #looking = false;
  #taking = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #free: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #times: NonNullable<TableLeaseProps["times"]>;
  readonly #now: () => number;

  constructor(private readonly props: TableLeaseProps) {
    super();
    this.#times = props.times ?? LEASE;
    this.#now = props.now ?? (() => performance.now());
  }

  get epoch(): number | undefined {
    if (this.#epoch !== undefined && this.#now() >= this.deadline) this.#lose("its time ran out before it was renewed");
    return this.#epoch;
  }

  async start(): Promise<void> {
    for (let answered = false; !answered && !this.#stopped;) {
      const step = this.#step();
      this.#running = step.then(() => undefined);
      answered = await step;
      if (!answered) await new Promise((resolve) => setTimeout(resolve, this.#times.lookMs));
    }
    this.#schedule();
  }

  async complete(folder: string): Promise<boolean> {
    const epoch = this.epoch;
    if (epoch === undefined || !(await this.props.table.complete(epoch, this.props.holder, folder))) return false;
    if (this.epoch !== epoch) return false;
    this.completed = folder;
    return true;
  }

  async release(close?: () => Promise<void>): Promise<void> {
    this.#contends = false;
    clearTimeout(this.#timer);
    await this.#running;
    const epoch = this.#epoch;
    if (epoch !== undefined) {
      this.#lose(RELEASED);
      await close?.();
      const { table, holder, log } = this.props;
      const done = await table.release(epoch, holder).catch((error: unknown) => {
        log.warn({ error, epoch }, "lease-not-released");
        return false;
      });
      if (done) log.info({ epoch }, "lease-released");
    }
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#contends = false;
    clearTimeout(this.#timer);
    clearTimeout(this.#expiry);
    clearTimeout(this.#free);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const { renewMs, lookMs } = this.#times;
    this.#timer = setTimeout(
      () => {
        this.#running = this.#step().then(() => this.#schedule());
      },
      this.#epoch === undefined ? lookMs : renewMs,
    );
  }

  /**
   * At the very moment at which the lease may be taken a contender takes it. It asks nothing before: the write's condition
   * asks whether there was another beat. Nor does it wait for a look that is under way, which a slow table may not answer for
   * seconds.
   */
  #takeWhenFree(item: LeaseItem, since: number): void {
    clearTimeout(this.#free);
    if (!this.#contends) return;
    const wait = since + this.#times.ttlMs - this.#now();
    this.#free = setTimeout(() => {
      // Timers may come a little early, and another clock may be used.
      if (this.#now() < since + this.#times.ttlMs) return this.#takeWhenFree(item, since);
      if (this.#epoch !== undefined || !this.#contends) return;
      this.#running = Promise.all([this.#running, this.#orWarn(() => this.#take(item))]).then(() => undefined);
    }, Math.ceil(wait));
  }

  /** One look or renewal. @returns whether the table answered. */
  #step(): Promise<boolean> {
    return this.#orWarn(() => (this.epoch === undefined ? this.#lookAlone() : this.#renew(this.epoch)));
  }

  async #orWarn(ask: () => Promise<void>): Promise<boolean> {
    try {
      await ask();
      return true;
    } catch (error) {
      // A holder goes on until its deadline, a contender keeps looking: both may be over in a moment.
      this.props.log.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        "lease-table-unreachable",
      );
      return false;
    }
  }

  async #renew(epoch: number): Promise<void> {
    const sentAt = this.#now();
    const renewed = await this.props.table.renew(epoch, this.props.holder);
    // The process may have been paused meanwhile: what is over is over, whatever the table says.
    if (this.epoch !== epoch) return;
    if (renewed) this.#hold(sentAt);
    else this.#lose("another task took it");
  }

  /** A renewal without an answer does not keep it from looking, but of two looks the later might win, and then the earlier. */
  async #lookAlone(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    await this.#look().finally(() => (this.#looking = false));
  }

  async #look(): Promise<void> {
    const { table, holder } = this.props;
    const item = await table.read();
    const readAt = this.#now();
    // What was read is from before that.
    if (this.#taking || this.#epoch !== undefined) return;
    // Its own name is nobody's lease: an answer to `acquire` that got lost, or an epoch of its own that is over.
    const others = item && item.holder !== holder && !item.released;
    if (item && (this.#seen?.epoch !== item.epoch || this.#seen.beat !== item.beat)) {
      this.#seen = { epoch: item.epoch, beat: item.beat, since: readAt };
      if (others) this.#takeWhenFree(item, readAt);
    }
    const live = others && readAt - (this.#seen?.since ?? readAt) < this.#times.ttlMs;
    this.#setHolder(live ? { epoch: item.epoch, address: item.address } : undefined);
    if (live || !this.#contends) return;
    await this.#take(item);
  }

  /** One at a time: of two the later might win, and then the earlier. */
  async #take(item: LeaseItem | undefined): Promise<void> {
    if (this.#taking) return;
    this.#taking = true;
    clearTimeout(this.#free);
    await this.#acquire(item).finally(() => (this.#taking = false));
  }

  async #acquire(item: LeaseItem | undefined): Promise<void> {
    const { holder, address } = this.props;
    const next = { epoch: (item?.epoch ?? 0) + 1, holder, address };
    const sentAt = this.#now();
    const acquired = await this.props.table.acquire(item, next);
    if (!acquired) return;
    if (!this.#contends || this.#now() >= sentAt + this.#times.ttlMs) {
      await this.props.table.release(next.epoch, next.holder);
      return;
    }
    this.#epoch = next.epoch;
    this.completed = acquired.completed;
    this.#setHolder(undefined);
    this.#hold(sentAt);
    // Who died says nothing: that it gave nothing back is for the next one to say.
    const after = item === undefined ? "nobody" : item.released ? "released" : "expired";
    this.props.log.info({ epoch: next.epoch, after }, "lease-acquired");
    this.emit("acquired", next.epoch);
  }

  #hold(sentAt: number): void {
    this.deadline = sentAt + this.#times.ttlMs;
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => void this.epoch, Math.max(0, this.deadline - this.#now()) + 1);
  }

  #lose(reason: string): void {
    const epoch = this.#epoch;
    if (epoch === undefined) return;
    this.#epoch = undefined;
    this.deadline = 0;
    this.#seen = undefined;
    clearTimeout(this.#expiry);
    this.props.log.warn({ epoch, reason }, "lease-lost");
    this.emit("lost", reason);
    // A contender looks sooner than a holder renews.
    if (reason !== RELEASED) this.#schedule();
  }

  #setHolder(next: Holder | undefined): void {
    if (next?.epoch === this.holder?.epoch && next?.address === this.holder?.address) return;
    this.holder = next;
    this.props.log.info({ epoch: next?.epoch, holder: next?.address }, "lease-holder");
    this.emit("holder", next);
  }
}

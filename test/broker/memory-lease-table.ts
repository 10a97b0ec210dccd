import type { LeaseItem, LeaseTable } from "../../broker/src/lease-table";

/** The lease's table in memory, with faults on purpose. */
export class MemoryLeaseTable {
  item: LeaseItem | undefined;

  /** One contender's way to the table. `fault` is awaited before each call; `late` before each answer. */
  view(ways: { fault?: () => Promise<void> | void; late?: () => Promise<void> | void } = {}): LeaseTable {
    const call = async <T>(work: () => T): Promise<T> => {
      await ways.fault?.();
      const answer = work();
      await ways.late?.();
      return answer;
    };
    const change = (
      fits: (item: LeaseItem | undefined) => boolean,
      next: (item: LeaseItem | undefined) => LeaseItem,
    ): Promise<boolean> =>
      call(() => {
        if (!fits(this.item)) return false;
        this.item = next(this.item);
        return true;
      });
    return {
      read: () => call(() => this.item),
      acquire: (seen, next) =>
        change(
          (item) => item?.epoch === seen?.epoch && item?.beat === seen?.beat,
          (item) => ({ ...next, beat: 0, released: false, completed: item?.completed }),
        ).then((done) => (done ? this.item : undefined)),
      renew: (epoch, holder) =>
        change(
          (item) => item?.epoch === epoch && item.holder === holder && !item.released,
          (item) => ({ ...item!, beat: item!.beat + 1 }),
        ),
      release: (epoch, holder) =>
        change(
          (item) => item?.epoch === epoch && item.holder === holder,
          (item) => ({ ...item!, released: true }),
        ),
      complete: (epoch, holder, folder) =>
        change(
          (item) => item?.epoch === epoch && item.holder === holder && !item.released,
          (item) => ({ ...item!, completed: folder }),
        ),
    };
  }
}

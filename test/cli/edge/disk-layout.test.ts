import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { diskLayout, partitionTable } from "../../../cli/edge/disk-layout";

const MiB = 1024 * 1024;

test("partitions follow each other on whole MiB, and leave room for both copies of the table", () => {
  fc.assert(
    fc.property(fc.integer({ min: 32, max: 1_000_000 }), (dataMib) => {
      const { partitions, size } = diskLayout(dataMib);
      let end = MiB;
      for (const { start, size: bytes } of partitions.filter(({ label }) => label !== "dmz-bios")) {
        expect(start).toBe(end);
        expect(bytes % MiB).toBe(0);
        end = start + bytes;
      }
      expect(size).toBe(end + MiB);
    }),
  );
});

test("both slots are of one size, and every partition has a label and an id of its own", () => {
  const { partitions } = diskLayout();
  const size = (label: string) => partitions.find((partition) => partition.label === label)!.size;
  expect(size("dmz-slot-a")).toBe(size("dmz-slot-b"));
  expect(new Set(partitions.map(({ label }) => label)).size).toBe(5);
  expect(new Set(partitions.map(({ id }) => id)).size).toBe(5);
  expect(partitionTable(partitions)).toContain("start=2048, size=196608, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B");
});

test("the loader of machines without UEFI has what is free between the table and the boot partition, which stays the first", () => {
  const { partitions } = diskLayout();
  expect(partitions[0]!.label).toBe("dmz-esp");
  const { start, size } = partitions.find(({ label }) => label === "dmz-bios")!;
  expect(start).toBeGreaterThanOrEqual(34 * 512);
  expect(start + size).toBe(partitions[0]!.start);
});

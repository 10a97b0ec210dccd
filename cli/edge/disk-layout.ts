const MiB = 1024 * 1024;

/** One partition of the device's disk. */
export interface Partition {
  /** GPT label: the device finds its partitions by these. */
  readonly label: string;
  /** GPT type. */
  readonly type: string;
  /** GPT id: fixed, so that the same image has the same bytes. Nothing looks a partition up by it. */
  readonly id: string;
  /** Bytes from the disk's beginning. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
}

export const DISK_ID = "6d71d3a0-6564-4765-8000-000000000000";

/** The boot partition holds the loader and two kernels; a slot holds a root file system that may grow to twice today's. */
export const SIZES = { esp: 96 * MiB, slot: 192 * MiB } as const;

/** The smallest data partition that holds the default queue with room, MiB. */
export const DEFAULT_DATA_MIB = 512;

const ESP = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
const BIOS_BOOT = "21686148-6449-6E6F-744E-656564454649";
const LINUX = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";

/** Between the table, which ends with sector 33, and the first MiB: room for the loader of machines without UEFI. */
const BIOS_START = 40 * 512;

/** @param dataMib size of the data partition, MiB */
export const diskLayout = (
  dataMib = DEFAULT_DATA_MIB,
): { readonly partitions: readonly Partition[]; readonly size: number } => {
  const parts = [
    { label: "dmz-esp", type: ESP, size: SIZES.esp },
    { label: "dmz-slot-a", type: LINUX, size: SIZES.slot },
    { label: "dmz-slot-b", type: LINUX, size: SIZES.slot },
    { label: "dmz-data", type: LINUX, size: dataMib * MiB },
  ];
  let start = MiB;
  const id = (number: number): string => DISK_ID.replace(/0$/, String(number));
  const partitions: Partition[] = parts.map((part, index) => {
    const placed = { ...part, start, id: id(index + 1) };
    start += part.size;
    return placed;
  });
  // Last in the table, though first on the disk: the boot partition stays the first, by which both loaders know it.
  partitions.push({ label: "dmz-bios", type: BIOS_BOOT, start: BIOS_START, size: MiB - BIOS_START, id: id(5) });
  // The second copy of the table is at the end (UEFI specification, section 5.3).
  return { partitions, size: start + MiB };
};

/** The disk's partition table as sfdisk(8) reads it. */
export const partitionTable = (partitions: readonly Partition[]): string =>
  [
    "label: gpt",
    `label-id: ${DISK_ID}`,
    "first-lba: 34",
    ...partitions.map(
      ({ label, type, id, start, size }) =>
        `start=${start / 512}, size=${size / 512}, type=${type}, uuid=${id}, name=${label}`,
    ),
    "",
  ].join("\n");

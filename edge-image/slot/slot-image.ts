/**
 * The bytes of an update: a header of one block, the kernel's image, the root file system with its verity tree. One file,
 * so that one hash stands for both and neither can be exchanged alone.
 */

/** The header's size and the alignment of both parts, bytes. */
export const BLOCK = 4096;

const MAGIC = "dmz-slot-image-1";

export interface SlotParts {
  /** Bytes of the unified kernel image. */
  readonly kernel: number;
  /** Bytes of the root file system and its verity tree; whole blocks. */
  readonly root: number;
}

const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

/** Where each part begins and what the file's size is. */
export const slotLayout = ({ kernel, root }: SlotParts) => ({
  kernel: BLOCK,
  root: BLOCK + padded(kernel),
  size: BLOCK + padded(kernel) + root,
});

/** @returns the first block of a slot image */
export const slotHeader = (parts: SlotParts): Buffer => {
  const header = Buffer.alloc(BLOCK);
  header.write(`${MAGIC}\n${JSON.stringify({ kernel: parts.kernel, root: parts.root })}\n`);
  return header;
};

/**
 * @param size of the whole file, which the header must explain
 * @throws Error if this is no slot image, or one of another size
 */
export const readSlotHeader = (header: Buffer, size: number): SlotParts => {
  const [magic, text] = header.toString("utf8").split("\n");
  if (magic !== MAGIC || text === undefined) throw new Error(`this is no slot image: it must begin with '${MAGIC}'`);
  const { kernel, root } = JSON.parse(text) as Record<string, unknown>;
  if (!isCount(kernel) || !isCount(root) || root % BLOCK !== 0)
    throw new Error(`the slot image's header must name two sizes, got '${text.slice(0, 80)}'`);
  const parts = { kernel, root };
  if (slotLayout(parts).size !== size)
    throw new Error(`the slot image must have ${slotLayout(parts).size} bytes by its header, got ${size}`);
  return parts;
};

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;

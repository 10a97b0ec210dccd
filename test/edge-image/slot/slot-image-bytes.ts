import { slotHeader, slotLayout } from "../../../edge-image/slot/slot-image";

/** An update's image, as the build makes it. */
export const slotImageBytes = (kernel: Buffer, root: Buffer): Buffer => {
  const sizes = { kernel: kernel.length, root: root.length };
  const layout = slotLayout(sizes);
  const bytes = Buffer.alloc(layout.size);
  slotHeader(sizes).copy(bytes);
  kernel.copy(bytes, layout.kernel);
  root.copy(bytes, layout.root);
  return bytes;
};

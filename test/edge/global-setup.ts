import { join } from "node:path";
import { diskLayout } from "../../cli/edge/disk-layout";
import { runCommand } from "../e2e/run-command";
import { requireTools } from "./require-tools";
import { buildTestImage, removeUnpacked, UNPACKED } from "./test-image";

/** Builds the image once and unpacks its root file system out of the finished disk: what is tested is what is shipped. */
export default async function globalSetup(): Promise<void> {
  requireTools("npm run test:edge", { unsquashfs: "squashfs-tools" });
  const built = await buildTestImage("1.0.0");
  await removeUnpacked();
  const slot = diskLayout().partitions.find(({ label }) => label === "dmz-slot-a")!;
  const disk = join(built.folder, built.files.disk);
  await runCommand("unsquashfs", ["-quiet", "-no-progress", "-o", String(slot.start), "-d", UNPACKED, disk]);
}

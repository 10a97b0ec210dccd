import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Lends a folder beside the given path (so that a finished result is only renamed), and removes it afterwards, after a
 * failure and on Ctrl-C too: it is as large as the image.
 */
export async function withWorkFolder<Result>(
  beside: string,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(beside), { recursive: true });
  const folder = await mkdtemp(join(dirname(beside), `.${basename(beside)}-`));
  const interrupted = () => {
    rmSync(folder, { recursive: true, force: true });
    // 128 + SIGINT, as a shell would say it.
    process.exit(130);
  };
  process.once("SIGINT", interrupted);
  try {
    return await use(folder);
  } finally {
    process.off("SIGINT", interrupted);
    await rm(folder, { recursive: true, force: true });
  }
}

import { spawn } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../command-error";
import type { Metafile } from "./npm-components";

/** The bundled broker: one file, what went into it, and the native modules that it loads. */
export interface Bundle {
  /** The file that becomes /app/broker.cjs. */
  readonly file: string;
  readonly metafile: Metafile;
  /** Folder that the metafile's paths are relative to. */
  readonly root: string;
  /** Folder that becomes /app/prebuilds. @default none */
  readonly prebuilds?: string;
}

const ROOT = join(__dirname, "../..");

/** Bundles the broker afresh with `broker/build.ts`, so that an image never holds yesterday's code. */
export async function bundleBroker(): Promise<Bundle> {
  await new Promise<void>((resolve, reject) => {
    const build = spawn(process.execPath, ["--import", "tsx", "broker/build.ts"], {
      cwd: ROOT,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let complaint = "";
    build.stderr.setEncoding("utf8").on("data", (text: string) => void (complaint += text));
    build.on("error", reject);
    build.on("close", (code) => {
      if (code === 0) resolve();
      else
        reject(
          new CommandError(`broker/build.ts failed: ${complaint.trim()}`, "correct the broker's code and try again"),
        );
    });
  });
  const prebuilds = join(ROOT, "dist/prebuilds");
  const hasPrebuilds = await access(prebuilds).then(
    () => true,
    () => false,
  );
  return {
    file: join(ROOT, "dist/broker.cjs"),
    metafile: JSON.parse(await readFile(join(ROOT, "dist/broker.meta.json"), "utf8")) as Metafile,
    root: ROOT,
    ...(hasPrebuilds && { prebuilds }),
  };
}

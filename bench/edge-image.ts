/**
 * Builds the sample site's edge image twice from nothing, Debian's packages included, and compares; writes what it found
 * to bench/results/edge-image.json.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { buildEdgeImage } from "../cli/edge/build-edge-image";
import { updateSigner } from "../cli/edge/update-signer";
import { localSigner } from "../cli/image/local-signer";
import { createOutput } from "../cli/output";
import site from "../sites/riverside";

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "dmz-edge-bench-"));
  try {
    const builds = [];
    for (const name of ["first", "second"]) {
      const started = performance.now();
      const { sha256, rootHash, size, components, differences } = await buildEdgeImage(
        {
          site,
          deviceClass: "gateway",
          version: "0.1.0",
          output: join(folder, name),
          // Of its own: nothing is shared but the packages that Debian sends.
          cache: join(folder, `${name}-cache`),
          unpinned: true,
          signer: () => localSigner(join(folder, "image.key")),
          updateSigner: () => updateSigner(join(folder, "update.key")),
        },
        createOutput(false),
      );
      const seconds = Math.round((performance.now() - started) / 1000);
      builds.push({ sha256, rootHash, compressedBytes: size, components, unpinned: differences.length, seconds });
    }
    const identical = builds[0]!.sha256 === builds[1]!.sha256;
    const machine = { cpus: cpus().length, load: loadavg().map((value) => Math.round(value * 10) / 10) };
    const result = `${JSON.stringify({ identical, builds, machine }, undefined, 2)}\n`;
    await writeFile(join(__dirname, "results/edge-image.json"), result);
    process.stdout.write(result);
    if (!identical) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

void main();

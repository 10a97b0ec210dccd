import { once } from "node:events";

import { directoryVault } from "../../vault/directory";
import { nextManifest } from "../../vault/next-manifest";
import { ManifestConflict } from "../../vault/vault";

/** One of two processes of a test: says that it is ready, waits for a word, then moves the manifest `steps` times; prints its conflicts. */
const main = async (root: string, steps: number): Promise<void> => {
  process.stdout.write("ready\n");
  await once(process.stdin, "data");
  process.stdin.destroy();

  const vault = directoryVault(root);
  let conflicts = 0;
  for (let done = 0; done < steps;) {
    const manifest = nextManifest(await vault.readManifest("credentials"), [], new Date());
    try {
      await vault.writeManifest("credentials", manifest);
      done++;
    } catch (error) {
      if (!(error instanceof ManifestConflict)) throw error;
      conflicts++;
    }
  }
  process.stdout.write(`${conflicts}\n`);
};

void main(process.argv[2]!, Number(process.argv[3]));

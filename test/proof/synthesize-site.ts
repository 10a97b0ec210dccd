import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import type { Site } from "../../policy/site";
import { SiteStack } from "../../stacks/site-stack";

/** A site's stack as text and the archives it names, without the proof at synthesis: what the tests hold to it themselves. */
export function synthesizeSite(site: Site): string {
  const outdir = mkdtempSync(join(tmpdir(), "dmz-proof-"));
  try {
    const app = new App({ outdir, stackTraces: false });
    new SiteStack(app, site.name, site);
    app.synth();
    return readFileSync(join(outdir, "stacks", site.name, "cdk.tf.json"), "utf8");
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

import { App } from "cdktf";
import { loadSites } from "../load-sites";
import { proveAtSynthesis } from "../stacks/prove-at-synthesis";
import { SiteStack } from "../stacks/site-stack";
import { tenThousandDevices } from "../test/sites/ten-thousand";

/** Synthesizes one site, as `main.ts` does, into `CDKTF_OUTDIR`: `tsx bench/synthesize.ts small|ten-thousand`. */
const small = loadSites().get("riverside")!;
// The same site but for its devices: a third zone would cost resources of its own.
const site = process.argv[2] === "small" ? small : { ...tenThousandDevices(), aws: small.aws };
const app = new App();
new SiteStack(app, "site", site);
proveAtSynthesis(app);
app.synth();

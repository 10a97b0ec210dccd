/**
 * The cdktf app of the end-to-end run: what `main.ts` does, for the sample site, of which only the lifetime (so that
 * destroying leaves nothing) and the image (the one just built) differ.
 */
import { App } from "cdktf";
import { bootstrapName } from "../../policy/bootstrap";
import { BootstrapStack } from "../../stacks/bootstrap-stack";
import { bootstrapTargets } from "../../stacks/bootstrap-targets";
import { proveAtSynthesis } from "../../stacks/prove-at-synthesis";
import { SiteStack } from "../../stacks/site-stack";
import { deployedSite, IMAGE_VARIABLE } from "./deployed-site";

const image = process.env[IMAGE_VARIABLE];
if (!image) throw new Error(`${IMAGE_VARIABLE} must name the broker's image by digest`);
const site = deployedSite(image);
const app = new App();
for (const target of bootstrapTargets([site]))
  new BootstrapStack(app, bootstrapName.stack(target.account, target.region), target);
new SiteStack(app, site.name, site);
proveAtSynthesis(app);
app.synth();

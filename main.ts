import { App } from "cdktf";
import { enforceInboundRule } from "./constructs/inbound-rule";
import { loadSites } from "./load-sites";
import { bootstrapName } from "./policy/bootstrap";
import type { Site } from "./policy/site";
import { BootstrapStack } from "./stacks/bootstrap-stack";
import { bootstrapTargets } from "./stacks/bootstrap-targets";
import { SiteStack } from "./stacks/site-stack";

const app = new App();
const sites = sitesOrExit();
for (const target of bootstrapTargets(sites))
  new BootstrapStack(app, bootstrapName.stack(target.account, target.region), target);
for (const site of sites) new SiteStack(app, site.name, site);
enforceInboundRule(app);
app.synth();

/** A fault in a site is the user's to mend: the text says all, and a stack trace would bury it. */
function sitesOrExit(): readonly Site[] {
  try {
    return [...loadSites().values()];
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

import { App } from "cdktf";
import { loadSites } from "./load-sites";
import { bootstrapName } from "./policy/bootstrap";
import { BootstrapStack } from "./stacks/bootstrap-stack";
import { bootstrapTargets } from "./stacks/bootstrap-targets";
import { NotProvenError, proveAtSynthesis } from "./stacks/prove-at-synthesis";
import { SiteStack } from "./stacks/site-stack";
import { synthesisWarnings } from "./stacks/synthesis-warnings";

const app = new App();
const sites = orExit(
  () => [...loadSites().values()],
  () => true,
);
for (const target of bootstrapTargets(sites))
  new BootstrapStack(app, bootstrapName.stack(target.account, target.region), target);
for (const site of sites) new SiteStack(app, site.name, site);
proveAtSynthesis(app);
orExit(
  () => app.synth(),
  (error) => error instanceof NotProvenError,
);
for (const warning of synthesisWarnings(app)) console.error(`warning: ${warning}`);

/** A fault in a site or an opened port is the user's to mend: the text says all, and a stack trace would bury it. */
function orExit<T>(work: () => T, isUsers: (error: unknown) => boolean): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || !isUsers(error)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

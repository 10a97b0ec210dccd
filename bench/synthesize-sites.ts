import { App } from "cdktf";
import { loadSites } from "../load-sites";
import { SiteStack } from "../stacks/site-stack";

/** Synthesizes every site of a folder, unproven: `tsx bench/synthesize-sites.ts <folder of site files> <output folder>`. */
const [folder, outdir] = process.argv.slice(2);
const app = new App({ outdir: outdir! });
for (const site of loadSites(folder!).values()) new SiteStack(app, site.name, site);
app.synth();

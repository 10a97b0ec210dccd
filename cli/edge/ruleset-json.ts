import { runTool } from "../image/run-tool";
import type { NftRuleset } from "./normal-ruleset";

/**
 * What nft makes of a ruleset's text, as JSON: loaded into a network namespace that exists for this alone, so that neither
 * privilege nor the machine's own rules are touched.
 * @param text as `edgeRuleset` makes it
 * @throws CommandError with nft's words if it does not load
 */
export async function rulesetJson(text: string): Promise<NftRuleset> {
  const script = 'printf "%s" "$1" | nft -f - && exec nft -j list ruleset';
  const output = await runTool("unshare", ["--user", "--map-root-user", "--net", "sh", "-c", script, "sh", text]);
  return JSON.parse(output.toString()) as NftRuleset;
}

/** The ruleset that this machine has loaded. Needs the right to administer the network. */
export async function loadedRuleset(): Promise<NftRuleset> {
  return JSON.parse((await runTool("nft", ["-j", "list", "ruleset"])).toString()) as NftRuleset;
}

import { EDGE_ACCOUNTS, type EdgeAccounts } from "../policy/edge-accounts";
import { edgeRuleset } from "../policy/edge-ruleset";
import { chooseSite } from "./choose-site";
import { CommandError } from "./command-error";
import { accountsFault } from "./edge/accounts-fault";
import { rulesetDifferences } from "./edge/normal-ruleset";
import { openSockets } from "./edge/open-sockets";
import { loadedRuleset, rulesetJson } from "./edge/ruleset-json";
import { EXIT } from "./exit-code";
import { runTool } from "./image/run-tool";
import { createOutput } from "./output";
import { readSites } from "./read-sites";

export interface ImageEdgeRulesOptions {
  readonly agent?: string;
  readonly resolver?: string;
  readonly time?: string;
  readonly network?: string;
  readonly check?: boolean;
  readonly sites?: string;
}

/** `dmz image edge rules`: prints the rules, or holds this machine against them. */
export async function imageEdgeRules(siteName: string | undefined, options: ImageEdgeRulesOptions): Promise<void> {
  const { sites, folder } = readSites(options.sites, siteName);
  const rules = edgeRuleset(chooseSite(siteName, sites, folder), accounts(options));
  if (!options.check) return void process.stdout.write(rules);

  const { missing, extra, reordered } = rulesetDifferences(await rulesetJson(rules), await loadedRuleset());
  const sockets = openSockets((await runTool("ss", ["-H", "-lntup"])).toString());
  const faults = [
    ...missing.map((line) => `not loaded: ${line}`),
    ...extra.map((line) => `loaded, and not ours: ${line}`),
    ...(reordered ? ["loaded in another order"] : []),
    ...sockets.map(({ protocol, address, process }) => `listens: ${protocol} ${address} ${process}`),
  ];
  if (faults.length === 0)
    return createOutput(false).text("This machine has exactly the site's rules, and nothing listens.");
  throw new CommandError(
    `this machine is not closed as the site wants it:\n  ${faults.join("\n  ")}\n`,
    "load the rules that this command prints with 'nft -f', and stop what listens or bind it to 127.0.0.1",
  );
}

function accounts(options: ImageEdgeRulesOptions): EdgeAccounts {
  const number = (name: keyof EdgeAccounts): number => {
    const text = options[name];
    if (text === undefined) return EDGE_ACCOUNTS[name];
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new CommandError(
      `--${name}: must be an account number, got '${text}'`,
      "'id -u <account>' tells it",
      EXIT.usage,
    );
  };
  const found = {
    agent: number("agent"),
    resolver: number("resolver"),
    time: number("time"),
    network: number("network"),
  };
  const fault = accountsFault(found);
  if (fault === undefined) return found;
  throw new CommandError(`the accounts: ${fault}`, "name others with --agent, --resolver and --time", EXIT.usage);
}

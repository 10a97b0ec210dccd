import { existsSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createKeyAndRequest } from "../ca/csr";
import { functionName, PORTS } from "../policy/deployment";
import type { Identity, Site } from "../policy/site";
import { bundleTarget } from "./bundle-target";
import { chooseSite } from "./choose-site";
import { writeClientBundle } from "./client-bundle";
import { clientConnection } from "./client-connection";
import { closest } from "./closest";
import { CommandError } from "./command-error";
import { EXIT } from "./exit-code";
import { invokeEnrol } from "./invoke-enrol";
import { makeFolder } from "./make-folder";
import { createOutput } from "./output";
import { readSites } from "./read-sites";
import { runSteps } from "./run-steps";

/** Identities a call: the function answers such a batch well within its time, and a failure loses at most this many. */
const BATCH = 100;

export interface EnrolOptions {
  readonly dir?: string;
  readonly force?: boolean;
  readonly sites?: string;
  readonly json?: boolean;
}

/**
 * `dmz enrol`: makes each identity's key here, has it certified by the site's enrol function, and writes the bundles.
 * Private keys never leave this machine, passwords are never shown. A batch's bundles are written before the next batch
 * is asked for, so that an interruption loses nothing that was issued before; running it again does the rest.
 */
export async function enrol(siteName: string, names: readonly string[], options: EnrolOptions): Promise<void> {
  const output = createOutput(options.json ?? false);
  const { sites, folder } = readSites(options.sites, siteName);
  const site = chooseSite(siteName, sites, folder);
  const clients = resolve(options.dir ?? join(".dmz", site.name, "clients"));
  const chosen = await chooseIdentities(site, names, clients, options.force ?? false);
  if (chosen.length === 0) {
    output.event("enrolled", { site: site.name, clients, names: [] });
    output.text(`Every identity of ${site.name} has its bundle in ${clients}; --force makes new ones.`);
    return;
  }

  // Before anything is issued: what cannot be written would be lost.
  const made = await makeFolder(clients);
  let sequence = 0;
  const enrolAll = async (report: (progress: string) => void): Promise<string> => {
    for (let done = 0; done < chosen.length; done += BATCH) {
      report(`${done} of ${chosen.length}`);
      sequence = await enrolBatch(site, chosen.slice(done, done + BATCH), clients);
    }
    return `${chosen.length} ${chosen.length === 1 ? "identity" : "identities"}`;
  };
  await runSteps(
    [{ title: `Enrolling at ${functionName.enrol(site.name)} in ${site.aws.region}`, run: enrolAll }],
    output,
  ).catch(async (error: unknown) => {
    // As it was before, unless a batch's bundles are in it.
    for (const path of made.toReversed()) await rmdir(path).catch(() => undefined);
    throw error;
  });

  output.event("enrolled", { site: site.name, clients, sequence, names: chosen.map(({ name }) => name) });
  output.text(`\nThe bundles are in ${clients}, one folder a client. Each holds a private key and a password:`);
  output.text("bring it to its device over a channel you trust, and delete it here.");
}

async function enrolBatch(site: Site, identities: readonly Identity[], clients: string): Promise<number> {
  const keys = new Map<string, { key: string; csr: string }>();
  for (const { name, certificate } of identities)
    if (certificate === "required") keys.set(name, await createKeyAndRequest(name));

  const requests = identities.map(({ name }) => ({ name, ...(keys.has(name) && { csr: keys.get(name)!.csr }) }));
  const answer = await invokeEnrol(site, requests);

  const address = { host: site.host, mqttPort: PORTS.mqtt, httpsPort: PORTS.https };
  for (const identity of identities) {
    const issued = answer.identities.find(({ name }) => name === identity.name);
    if (!issued) throw new Error(`${functionName.enrol(site.name)}: its answer lacks '${identity.name}'`);
    const credentials = { ...issued, key: keys.get(identity.name)?.key, trust: answer.trust };
    await writeClientBundle(join(clients, identity.name), credentials, clientConnection(site, identity, address));
  }
  return answer.sequence;
}

/**
 * All named, or every declared one that has no bundle yet. That a folder exists proves nothing: it may hold the bundle of
 * a broker on this machine.
 */
async function chooseIdentities(
  site: Site,
  names: readonly string[],
  clients: string,
  force: boolean,
): Promise<readonly Identity[]> {
  const declared = new Map(site.identities.map((identity) => [identity.name, identity]));
  for (const name of names) {
    if (declared.has(name)) continue;
    const near = closest(name, [...declared.keys()]);
    const fix = near ? `did you mean '${near}'?` : `declare it in the site first, and deploy`;
    throw new CommandError(`site '${site.name}' declares no identity '${name}'`, fix, EXIT.usage);
  }
  const wanted = names.length === 0 ? [...declared.keys()] : [...new Set(names)];
  const kept = force ? [] : wanted.filter((name) => existsSync(join(clients, name)));
  for (const name of kept) {
    const target = await bundleTarget(join(clients, name));
    if (target?.site === site.name && target.host === site.host) continue;
    const found = target ? `for site '${target.site}' at ${target.host}` : "incomplete";
    throw new CommandError(
      `${join(clients, name)}: the bundle there is ${found}, not for '${site.name}' at ${site.host}`,
      "choose another folder with --dir, move it away, or --force to replace it",
    );
  }
  if (kept.length > 0 && names.length > 0) {
    const fix = "leave them out, or --force to replace them: their clients then need the new password";
    throw new CommandError(`${clients}: there are bundles already for ${kept.join(", ")}`, fix);
  }
  return wanted.filter((name) => !kept.includes(name)).map((name) => declared.get(name)!);
}

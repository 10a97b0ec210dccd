import type { Site } from "../policy/site";
import { BadInput } from "../proof/facts/bad-input";
import { readSynth } from "../proof/facts/read-synth";
import { proveNetwork } from "../proof/network/prove-network";
import type { Counterexample } from "../proof/verdict";
import { constructPaths, type Locate } from "./construct-paths";

/** What to do about a violation, by the property; each hop is needed, so that taking one away closes the way. */
const FIXES: Readonly<Record<string, string>> = {
  "internet-reaches-exactly": "take one of these away: each of them alone closes the way",
  "private-site": "take one of these away: nothing leads from the internet to a private site",
  "zones-and-conduits": "take one of these away, or declare the conduit in policy/conduits.ts and say why",
  "no-way-out": "take one of these away, or name in the endpoint's policy what it admits",
  "tls-passes-through": "make it a listener for TCP of a network load balancer, which passes TLS on",
  "resolver-answers-known-names": "let the DNS firewall block every name but AWS's",
};
const MISSING = "put back what this way needs: a listener, rules of group and network ACL, a route";
const OTHERWISE = "take away what is named here";
const UNREAD = "write it so that it can be read before apply, as resources of the aws provider, or take it away";

/** More ways of the same kind tell a reader nothing. */
const MOST = 20;

/**
 * Why a synthesized stack may not be written: for each way that is open, and each thing that keeps the proof from being
 * one, its construct path, the rule, what was found and a fix. Empty: every network property is PROVEN.
 *
 * @param path of the stack's construct.
 * @param json the stack as `cdk.tf.json` will hold it.
 * @param site what the stack was made from. Undefined: from no site; the internet then reaches nothing of it.
 */
export function networkFaults(path: string, json: string, site: Site | undefined): readonly string[] {
  try {
    const proofs = proveNetwork(readSynth(json, path), { site })?.proofs ?? [];
    const locate = constructPaths(json);
    const inStack = (at: string) => locate(at) ?? (at.startsWith(`${path}: `) ? at : `${path}: ${at}`);
    const ways = new Grouped();
    const doubts = new Grouped();
    for (const { id, verdict } of proofs) {
      if (verdict.answer === "VIOLATED")
        for (const found of verdict.counterexamples)
          ways.add(id, way(inStack(found.target), found, locate), fixOf(id, found));
      if (verdict.answer === "UNPROVEN")
        for (const { at, says } of verdict.reasons)
          doubts.add(id, (ids) => `${inStack(at)} must be understood to prove ${ids}, got: ${says}`, UNREAD);
    }
    return [...ways.lines(), ...doubts.lines()];
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return [`${error.message}: write each block by itself, as constructs do`];
  }
}

type Says = (ids: string) => string;

/** The same way may break several properties: it is told once, with all of them. */
class Grouped {
  readonly #found = new Map<string, { readonly says: Says; readonly ids: string[]; readonly fix: string }>();

  add(id: string, says: Says, fix: string): void {
    const key = says("");
    const known = this.#found.get(key);
    if (!known) this.#found.set(key, { says, ids: [id], fix });
    else if (!known.ids.includes(id)) known.ids.push(id);
  }

  lines(): string[] {
    const all = [...this.#found.values()].map(
      ({ says, ids, fix }) => `${says(ids.map((id) => `'${id}'`).join(", "))}: ${fix}`,
    );
    return all.length > MOST ? [...all.slice(0, MOST), `... and ${all.length - MOST} more of the kind`] : all;
  }
}

function way(target: string, { source, path }: Counterexample, locate: Locate): Says {
  const hops = path.map(({ at, says }) => `${locate(at) ?? at} ${says}`);
  return (ids) => `${target}: ${ids} must hold, got a way from ${locate(source) ?? source}, since ${hops.join("; ")}`;
}

const fixOf = (id: string, { path }: Counterexample): string =>
  path.length === 1 && path[0]!.at === "the network" ? MISSING : (FIXES[id] ?? OTHERWISE);

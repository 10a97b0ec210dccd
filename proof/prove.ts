import { deriveAccess } from "../policy/derive-access";
import { secretReaders } from "../policy/secret-readers";
import type { Site } from "../policy/site";
import type { AccessDocument } from "./access/access-document";
import { accessInFacts } from "./access/access-in-facts";
import { accessProperties } from "./access/access-properties";
import { readAccessDocument } from "./access/read-access-document";
import { stolenCredential } from "./composition/stolen-credential";
import { BadInput } from "./facts/bad-input";
import type { Facts } from "./facts/facts";
import { hygieneProperties } from "./hygiene/hygiene-properties";
import type { Suppression } from "./hygiene/suppression";
import type { NetworkInput } from "./network/network-input";
import { proveNetwork } from "./network/prove-network";
import { proveProperties } from "./prove-properties";
import type { EdgeFirewall } from "./ruleset/edge-firewall";
import { rulesetProperties } from "./ruleset/ruleset-properties";
import { noSecretValues } from "./secrets/no-secret-values";
import { secretsProperties } from "./secrets/secrets-properties";
import type { Proof, Verdict } from "./verdict";

/** What is held to the properties; whatever is not handed in is not asked about. */
export interface Evidence {
  /** Of a plan, a synthesized stack or a state. */
  readonly facts?: Facts;
  /** Where the facts deploy none. @default the document that they deploy, if they do */
  readonly access?: AccessDocument;
  /** The ruleset of an edge device, with what its site lets it start. */
  readonly firewall?: EdgeFirewall;
}

/** What the evidence is held against. */
export interface Expectation {
  /** The declaration that the stack was made from. Undefined: somebody else's stack, or one without a site. */
  readonly site?: Site;
  /** tcp ports that the internet may reach, exactly. @default of a site, those of promise P1, none if it is private */
  readonly expose?: readonly number[];
  readonly suppressions: readonly Suppression[];
  /** ISO date, for suppressions that end. */
  readonly today: string;
}

/** What was proven, and what it was proven of: for those who draw or compare it. */
export interface Proven {
  readonly proofs: readonly Proof[];
  readonly network: NetworkInput | undefined;
  readonly access: AccessDocument | undefined;
}

/**
 * Holds a stack, an access document or an edge firewall to all properties that are about it.
 * @throws BadInput when the access document in the facts cannot be read, or is not the only one
 */
export const prove = ({ facts, access, firewall }: Evidence, expectation: Expectation): Proven => {
  const { site, suppressions, today } = expectation;
  const deployed = facts && documentIn(facts);
  // Another one than what will be deployed proves nothing of that.
  if (access && deployed)
    throw new BadInput("the access document", "must be left out beside a stack that deploys one of its own");
  const document = access ?? deployed;
  const reach = facts && proveNetwork(facts, expectation);
  const proofs = [
    ...(reach?.proofs ?? []),
    ...(document ? accessProofs(document, site) : site && facts ? withoutDocument(site) : []),
    ...(facts ? secretsProofs(facts, site) : []),
    ...(facts ? hygieneProofs({ facts, suppressions, today, ...(site && { lifetime: site.lifetime }) }) : []),
    ...(firewall ? proveProperties(rulesetProperties, firewall) : []),
  ];
  const whole =
    site && facts
      ? { proofs: [...unexcused(facts, site), ...proofs], document: document ?? NO_DOCUMENT, access: site.access }
      : undefined;
  return {
    proofs: [...proofs, ...(whole ? proveProperties([stolenCredential], whole) : [])],
    network: reach?.network,
    access: document,
  };
};

const NO_DOCUMENT: AccessDocument = { shards: [], roles: [], identities: [] };

/** A site without its access document grants what was granted before: nobody can tell what that is. */
const withoutDocument = (site: Site): readonly Proof[] => {
  const input = { document: NO_DOCUMENT, declared: deriveAccess(site) };
  const reasons = [{ at: "plan", says: "it deploys no access document" }];
  const open = accessProperties(input).map((each) => ({
    ...each,
    check: (): Verdict => ({ answer: "UNPROVEN", reasons }),
  }));
  return proveProperties(open, input);
};

/** What an attacker could do cannot be set aside: the claim as a whole looks at attributes without suppressions. */
const unexcused = (facts: Facts, { lifetime }: Site): readonly Proof[] =>
  hygieneProofs({ facts, suppressions: [], today: "", lifetime }).filter(({ id }) => id === "listeners-speak-tls");

const documentIn = (facts: Facts): AccessDocument | undefined => {
  const sources = accessInFacts(facts);
  return sources.length > 0 ? readAccessDocument(sources) : undefined;
};

const accessProofs = (document: AccessDocument, site: Site | undefined): readonly Proof[] => {
  const input = { document, ...(site && { declared: deriveAccess(site) }) };
  return proveProperties(accessProperties(input), input);
};

const secretsProofs = (facts: Facts, site: Site | undefined): readonly Proof[] => {
  if (site) return proveProperties(secretsProperties, { facts, ...site.aws, declared: secretReaders(site) });
  return proveProperties([noSecretValues], { facts, account: "", region: "", declared: [] });
};

const hygieneProofs = (input: Parameters<typeof hygieneProperties>[0]): readonly Proof[] =>
  proveProperties(hygieneProperties(input), input);

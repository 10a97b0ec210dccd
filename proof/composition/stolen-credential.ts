import type { Counterexample, Property, Step } from "../verdict";
import type { CompositionInput } from "./composition-input";

/** A step of the argument: what must hold, and what an attacker gains where it does not. */
interface Premise {
  readonly id: string;
  readonly otherwise: string;
}

const WAY_IN: Readonly<Record<CompositionInput["access"], Premise>> = {
  internet: { id: "internet-reaches-exactly", otherwise: "another way in than the broker's two ports" },
  private: { id: "private-site", otherwise: "a way in from the internet, which there must not be" },
};

const PREMISES: readonly Premise[] = [
  { id: "listeners-speak-tls", otherwise: "credentials of others, read on the way" },
  { id: "tls-passes-through", otherwise: "credentials of others, read at the load balancer" },
  { id: "broker-will-load-the-access-document", otherwise: "grants of a document that is not this one" },
  { id: "names-are-one-topic-level", otherwise: "others' topics, through a name that is a pattern" },
  { id: "client-ids-are-bound", otherwise: "another's session, under a ClientId of both" },
  { id: "edge-identities-write-apart", otherwise: "a voice as another device" },
  { id: "edge-identities-exchange-nothing", otherwise: "another device's telemetry, or its commands" },
  { id: "edge-identities-read-their-commands-alone", otherwise: "another device's commands" },
  { id: "only-operators-read-sys", otherwise: "what the broker says of everybody" },
  { id: "operators-write-nothing", otherwise: "a hand on the plant, from a screen that only watches" },
  { id: "secrets-have-only-their-declared-readers", otherwise: "keys with which to become anybody" },
  { id: "account-root-decrypts-nothing", otherwise: "keys with which to become anybody" },
  { id: "no-secret-value-in-plan-or-state", otherwise: "keys with which to become anybody" },
  { id: "zones-and-conduits", otherwise: "a way on from the broker" },
  { id: "resolver-answers-known-names", otherwise: "a way out of the broker's network, in names that it asks for" },
  { id: "no-way-out", otherwise: "a way out of the broker's network" },
];

const FIRST: Step = {
  at: "internet",
  says: "an attacker holds the password, certificate and key of one identity, and connects as it",
};

/**
 * The white paper's main claim as one property. Each premise was proven by itself; together they are the whole way of an
 * attacker: in, on the wire, as somebody, to topics, to secrets, and on or out.
 */
export const stolenCredential: Property<CompositionInput> = {
  id: "a-stolen-credential-reaches-its-own-topics-alone",
  what: "An attacker on the internet who holds the credential of an identity reaches that identity's topics and nothing else.",
  why: "A gateway in the field will be stolen one day; what it knows must be worth one gateway, not the plant.",
  promises: ["P1", "P3", "P4", "P5"],
  controls: ["M0800", "M0801", "M0930", "SR 2.1", "SR 5.1", "AC-3"],
  check: ({ proofs, document, access }) => {
    const counterexamples: Counterexample[] = [];
    const reasons: Step[] = [];
    for (const { id, otherwise } of [WAY_IN[access], ...PREMISES]) {
      const verdict = proofs.find((proof) => proof.id === id)?.verdict;
      if (verdict === undefined) reasons.push({ at: id, says: "was not looked at" });
      else if (verdict.answer === "UNPROVEN")
        reasons.push(...verdict.reasons.map(({ at, says }) => ({ at: `${id}: ${at}`, says })));
      else if (verdict.answer === "VIOLATED")
        counterexamples.push(
          ...verdict.counterexamples.map(({ source, target, path }) => ({
            source: "an attacker on the internet with one stolen credential",
            target: `${otherwise}: ${target}`,
            path: [FIRST, { at: id, says: `then goes on as, or by the fault of: ${source}` }, ...path],
          })),
        );
    }
    if (counterexamples.length > 0) return { answer: "VIOLATED", counterexamples: counterexamples.slice(0, 20) };
    if (document.identities.length === 0)
      reasons.push({ at: "access document", says: "it has no identity to steal from" });
    return reasons.length > 0
      ? { answer: "UNPROVEN", reasons: reasons.slice(0, 50) }
      : {
          answer: "PROVEN",
          checked: document.identities.length,
          says: `for each of ${document.identities.length} identities: in by the declared ports, to its own topics, and no further`,
        };
  },
};

import { ownsClientId } from "../../policy/client-id";
import type { Counterexample, Property } from "../verdict";
import type { AccessIdentity } from "./access-document";
import type { AccessInput } from "./access-input";

const clash = (mine: AccessIdentity, other: AccessIdentity, clientId: string): Counterexample => ({
  source: `${mine.name} (${mine.kind} identity)`,
  target: `ClientId "${clientId}"`,
  path: [
    { at: mine.at, says: `may connect as "${clientId}"` },
    {
      at: other.at,
      says: `may connect as "${clientId}", too: one takes over the other's session and what is queued in it`,
    },
  ],
});

export const clientIdsAreBound: Property<AccessInput> = {
  id: "client-ids-are-bound",
  what: "Every name is declared once, and no ClientId may be used by two identities.",
  why: "With another's ClientId one cuts its connection and inherits its session: subscriptions, queued commands and all.",
  promises: ["P4", "P5"],
  controls: ["M0813", "SR 1.2", "IA-3"],
  check: ({ document: { identities } }) => {
    const counterexamples: Counterexample[] = [];
    const byName = new Map<string, AccessIdentity>();
    for (const identity of identities) {
      const same = byName.get(identity.name);
      if (same !== undefined) counterexamples.push(clash(identity, same, identity.name));
      else byName.set(identity.name, identity);
    }
    // Besides its name, an identity owns `name~suffix` at most: whose names begin so is enough to ask.
    for (const identity of identities)
      for (let tilde = identity.name.indexOf("~"); tilde !== -1; tilde = identity.name.indexOf("~", tilde + 1)) {
        const other = byName.get(identity.name.slice(0, tilde));
        if (other !== undefined && ownsClientId(other, identity.name))
          counterexamples.push(clash(other, identity, identity.name));
      }
    return counterexamples.length > 0
      ? { answer: "VIOLATED", counterexamples: counterexamples.slice(0, 20) }
      : identities.length === 0
        ? { answer: "UNPROVEN", reasons: [{ at: "access document", says: "it has no identity to look at" }] }
        : { answer: "PROVEN", checked: identities.length, says: "every ClientId belongs to one identity at most" };
  },
};

import type { Counterexample, Property, Step } from "../verdict";
import { readsDirectly } from "./can-read";
import { readAccount } from "./read-account";
import type { SecretsInput } from "./secrets-input";

export const declaredReadersCanRead: Property<SecretsInput> = {
  id: "declared-readers-can-read",
  what: "Every role of the plan that is declared to read a secret can read it.",
  why: "A broker that cannot read its certificate does not start; and a proof that nobody reads would be worth nothing if nobody could.",
  promises: ["P3", "P8"],
  controls: ["SC-28"],
  check: ({ facts, declared, ...id }) => {
    const account = readAccount(facts, id);
    const reasons: Step[] = [];
    const counterexamples: Counterexample[] = [];
    let checked = 0;
    for (const secret of account.secrets)
      for (const reader of declared.find(({ isFor }) => isFor(secret.name))?.readers ?? []) {
        const role = account.principals.find(({ name, trust }) => name === reader && trust !== undefined);
        if (role === undefined) continue;
        checked += 1;
        const { truth } = readsDirectly(account, role, secret);
        if (role.bounded)
          reasons.push({
            at: `${role.address}: 'permissions_boundary'`,
            says: "may take the right away, and is not read",
          });
        if (truth.holds === "maybe") reasons.push(...truth.reasons);
        if (truth.holds === false)
          counterexamples.push({
            source: reader,
            target: `secret ${secret.name}`,
            path: [
              { at: role.address, says: "is declared to read it, and its policies, the secret's or the key's refuse" },
            ],
          });
      }
    if (counterexamples.length > 0) return { answer: "VIOLATED", counterexamples };
    if (reasons.length > 0 || checked === 0)
      return {
        answer: "UNPROVEN",
        reasons: reasons.length > 0 ? reasons : [{ at: "plan", says: "it has no declared reader to look at" }],
      };
    return { answer: "PROVEN", checked, says: "every declared reader can read" };
  },
};

import type { Counterexample, Property, Step } from "../verdict";
import type { Key } from "./account";
import { readsDirectly } from "./can-read";
import { ALLOWS_ALL, decideForKey, decideTrust } from "./decide";
import { readAccount } from "./read-account";
import type { SecretsInput } from "./secrets-input";

/** Each of them gives the plain text, or the right to it. */
const USES = ["kms:Decrypt", "kms:ReEncryptFrom", "kms:CreateGrant"] as const;

export const accountDecryptsNothing: Property<SecretsInput> = {
  id: "account-root-decrypts-nothing",
  what: "The policy of a key that secrets are under gives the account's root, and with it every administrator, neither decryption nor grants, and no role that reads one lets them become it.",
  why: "A policy with kms:Decrypt on * is common in accounts that were there before; a key that delegates to the account is open to all of them.",
  promises: ["P3", "P4"],
  controls: ["M0941", "SR 4.1", "SC-28", "AC-6"],
  check: ({ facts, ...id }) => {
    const account = readAccount(facts, id);
    const reasons: Step[] = [];
    const counterexamples: Counterexample[] = [];
    const keys = new Set<Key>();
    for (const { key, name, address } of account.secrets) {
      if (key === undefined)
        counterexamples.push({
          source: "every administrator of the account",
          target: `secret ${name}`,
          path: [{ at: address, says: "is under the key that AWS manages, which serves everybody whom IAM lets read" }],
        });
      else if ("says" in key) reasons.push(key);
      else keys.add(key);
    }
    const askers = ["role/somebody-with-every-right", "user/somebody-with-every-right", "root"];
    for (const key of keys)
      for (const [action, asker] of USES.flatMap((use) => askers.map((each) => [use, each] as const))) {
        const arn = `arn:aws:iam::${id.account}:${asker}`;
        const request = {
          asker: { arn, account: id.account },
          action,
          resource: key.arn,
          owner: id.account,
          context: new Map([["aws:principalarn", [arn]]]),
        };
        const truth = decideForKey({ identity: [ALLOWS_ALL], resource: key.policy }, request);
        if (truth.holds === true)
          counterexamples.push({
            source: "every administrator of the account",
            target: key.address,
            path: [
              {
                at: `${key.address}: 'policy'`,
                says: `lets a ${asker.split("/")[0]} of the account that it does not name call ${action}`,
              },
            ],
          });
        // A condition that we cannot tell must name somebody, not the whole account.
        if (truth.holds === "maybe") reasons.push(...truth.reasons);
      }
    // To become somebody who reads takes no change of any policy either.
    for (const role of account.principals)
      for (const asker of role.trust === undefined ? [] : askers) {
        const read = account.secrets.filter((secret) => readsDirectly(account, role, secret).truth.holds === true);
        const arn = `arn:aws:iam::${id.account}:${asker}`;
        const truth = decideTrust(
          { identity: [ALLOWS_ALL], resource: role.trust! },
          {
            asker: { arn, account: id.account },
            action: "sts:AssumeRole",
            resource: role.arn,
            owner: id.account,
            context: new Map([["aws:principalarn", [arn]]]),
          },
        );
        if (truth.holds !== true) continue;
        counterexamples.push(
          ...read.map(({ name }) => ({
            source: "every administrator of the account",
            target: `secret ${name}`,
            path: [
              {
                at: `${role.address}: 'assume_role_policy'`,
                says: `lets a ${asker.split("/")[0]} of the account that it does not name become ${role.name}, which reads it`,
              },
            ],
          })),
        );
      }
    if (counterexamples.length > 0) return { answer: "VIOLATED", counterexamples };
    if (keys.size === 0) reasons.push({ at: "plan", says: "it has no key of a secret to look at" });
    return reasons.length > 0
      ? { answer: "UNPROVEN", reasons }
      : {
          answer: "PROVEN",
          checked: keys.size * USES.length,
          says: `${keys.size} keys serve nobody whom they do not name`,
        };
  },
};

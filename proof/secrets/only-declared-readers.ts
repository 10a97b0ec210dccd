import type { Counterexample, Property, Step } from "../verdict";
import type { Account, Secret } from "./account";
import {
  type Actor,
  becomes,
  isOpen,
  type Open,
  opensSecret,
  readsDirectly,
  rulesTheAccount,
  servicesThrough,
  usesThrough,
} from "./can-read";
import { ALLOWS_ALL } from "./decide";
import { readAccount } from "./read-account";
import type { SecretsInput } from "./secrets-input";

/** Somebody of another account, with every right there: what lets anybody in lets him in. */
const STRANGER: Actor = {
  name: "anybody",
  arn: "arn:aws:iam::000000000000:role/anybody",
  account: "000000000000",
  identity: [ALLOWS_ALL],
};

/**
 * Somebody whom a policy names and the plan does not declare. In another account it has every right; in this one it has
 * those that the policies give it by name: others are that account's, and not in the plan.
 */
const outsider = (name: string, own: string): Actor => {
  const account = /^\d{12}$/.test(name) ? name : (name.split(":")[4] ?? "");
  const whole = name === account || name.endsWith(":root");
  return {
    name: whole ? `anybody of the account ${account}` : name,
    arn: whole ? `arn:aws:iam::${account}:role/anybody` : name,
    account,
    identity: account === own ? [] : [ALLOWS_ALL],
  };
};

interface Path {
  readonly steps: readonly Step[];
  readonly reasons: readonly Step[];
}

const along = (path: Path, { truth, step }: Open): Path => ({
  steps: [...path.steps, step],
  reasons: truth.holds === "maybe" ? [...path.reasons, ...truth.reasons] : path.reasons,
});

/** Everybody that an actor can act as, by the shortest chain; of two, one that is understood throughout. */
const reach = (account: Account, actor: Actor): ReadonlyMap<Actor, Path> => {
  const reached = new Map<Actor, Path>([[actor, { steps: [], reasons: [] }]]);
  const queue: Actor[] = [actor];
  for (let at = queue.shift(); at !== undefined; at = queue.shift())
    for (const other of account.principals) {
      if (other === at || other.arn === actor.arn) continue;
      for (const open of becomes(account, at, other).filter(isOpen)) {
        const path = along(reached.get(at)!, open);
        const known = reached.get(other);
        if (known !== undefined && (known.reasons.length === 0 || path.reasons.length > 0)) continue;
        reached.set(other, path);
        queue.push(other);
      }
    }
  return reached;
};

const ways = (account: Account, actor: Actor, secret: Secret, usedThrough: readonly string[]): readonly Open[] =>
  [
    readsDirectly(account, actor, secret),
    ...opensSecret(actor, secret),
    ...usesThrough(account, actor, usedThrough),
  ].filter(isOpen);

export const onlyDeclaredReaders: Property<SecretsInput> = {
  id: "secrets-have-only-their-declared-readers",
  what: "No role or user of the plan, and nobody of another account, can read a secret that it is not declared to read: not directly, nor by changing code, passing or assuming roles, granting on a key, writing a policy or invoking the function that signs with it.",
  why: "Whoever reads the CA's key can make himself any device; whoever reads the server's can be the broker.",
  promises: ["P3", "P4"],
  controls: ["M0941", "SR 4.1", "SC-28", "AC-6"],
  check: ({ facts, declared, ...id }) => {
    const account = readAccount(facts, id);
    const reasons: Step[] = [...account.unread];
    const counterexamples: Counterexample[] = [];
    const readersOf = new Map(
      account.secrets.map((secret) => [secret, declared.find(({ isFor }) => isFor(secret.name))]),
    );
    for (const [secret, found] of readersOf) {
      if (found === undefined)
        reasons.push({ at: secret.address, says: `no readers are declared for "${secret.name}"` });
      reasons.push(...servicesThrough(account, found?.usedThrough ?? []));
    }
    const askers: readonly Actor[] = [
      ...account.principals,
      STRANGER,
      ...account.outsiders.map((name) => outsider(name, account.id)),
    ];
    for (const actor of askers) {
      const reached = reach(account, actor);
      const everything = [...reached].flatMap(([as, path]) =>
        rulesTheAccount(account, as)
          .filter(isOpen)
          .map((open) => along(path, open)),
      );
      for (const [secret, { readers = [], usedThrough = [] } = {}] of readersOf) {
        // Declared are roles: a user of the same name is another.
        if (readers.includes(actor.name) && actor.arn.includes(":role/")) continue;
        const paths = [
          ...[...reached].flatMap(([as, path]) =>
            ways(account, as, secret, usedThrough).map((open) => along(path, open)),
          ),
          ...everything,
        ];
        const sure = paths.find((path) => path.reasons.length === 0);
        if (sure !== undefined)
          counterexamples.push({ source: actor.name, target: `secret ${secret.name}`, path: sure.steps });
        else reasons.push(...paths.flatMap((path) => path.reasons));
      }
    }
    if (counterexamples.length > 0) return { answer: "VIOLATED", counterexamples: counterexamples.slice(0, 20) };
    if (account.secrets.length === 0) reasons.push({ at: "plan", says: "it has no secret to look at" });
    const distinct = [...new Map(reasons.map((reason) => [`${reason.at} ${reason.says}`, reason])).values()];
    return distinct.length > 0
      ? { answer: "UNPROVEN", reasons: distinct.slice(0, 50) }
      : {
          answer: "PROVEN",
          checked: account.secrets.length * askers.length,
          says: `${account.secrets.length} secrets, ${account.principals.length} roles and users: none reads what it is not declared to read`,
        };
  },
};

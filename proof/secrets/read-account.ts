import type { Facts } from "../facts/facts";
import type { Account } from "./account";
import { AccountFacts, type AccountId } from "./account-facts";
import { outsidersOf } from "./outsiders";
import { readPrincipals } from "./read-principals";
import { readRunners } from "./read-runners";
import { readVault } from "./read-vault";
import { unmodelled } from "./unmodelled";

const known = new WeakMap<Facts, { readonly of: string; readonly account: Account }>();

/** Reads from facts who may do what with secrets, keys and the code that runs under roles. Once for the same facts. */
export const readAccount = (facts: Facts, { account, region }: AccountId): Account => {
  const of = `${account} ${region}`;
  const before = known.get(facts);
  if (before?.of === of) return before.account;
  const read = readOnce(new AccountFacts(facts, { account, region }));
  known.set(facts, { of, account: read });
  return read;
};

const readOnce = (from: AccountFacts): Account => {
  const principals = readPrincipals(from);
  const parts = { id: from.id.account, principals, ...readVault(from), runners: readRunners(from) };
  return {
    ...parts,
    region: from.id.region,
    managedPolicies: from.ofType("aws_iam_policy").map((policy) => from.arnOf(policy)),
    outsiders: outsidersOf(parts),
    unread: [...unmodelled(from, principals), ...from.unread],
  };
};

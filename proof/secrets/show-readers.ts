import type { Facts } from "../facts/facts";
import { isOpen, readsDirectly } from "./can-read";
import type { AccountId } from "./account-facts";
import { readAccount } from "./read-account";

/** Who reads which secret in one call, in words: `riverside/ca: riverside-ca-enrol`. Sorted; for reviews. */
export const showReaders = (facts: Facts, id: AccountId): readonly string[] => {
  const account = readAccount(facts, id);
  return account.secrets
    .flatMap((secret) =>
      account.principals
        .filter((principal) => isOpen(readsDirectly(account, principal, secret)))
        .map((principal) => `${secret.name}: ${principal.name}`),
    )
    .sort();
};

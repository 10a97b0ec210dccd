import type { EdgeAccounts } from "../../policy/edge-accounts";

/**
 * The firewall tells senders apart by these numbers alone: one of two of them, or root, would have the ways of both.
 * @returns the rule that is broken, with the value; undefined if none is
 */
export function accountsFault({ agent, resolver, time }: EdgeAccounts): string | undefined {
  const accounts = Object.entries({ agent, resolver, time });
  const [first, second] = accounts.filter(
    ([, number]) => number === 0 || accounts.filter(([, other]) => other === number).length > 1,
  );
  if (first === undefined) return undefined;
  return second
    ? `must give '${first[0]}' and '${second[0]}' accounts of their own, got ${first[1]}; one that may do all has the rights of each`
    : `must not give '${first[0]}' the account 0: root may do all`;
}

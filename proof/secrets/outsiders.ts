import type { Account } from "./account";

/** Keys of a condition that say who asks. */
const WHO = /^(aws:principalarn|aws:principalaccount|kms:calleraccount)$/i;

/** An account of nobody, where a pattern leaves open which. */
const ANY_ACCOUNT = "000000000000";

/** One name that a pattern is about: `arn:aws:iam::*:role/partner-*` is also about `partner-any`. */
const instance = (pattern: string): string => {
  const parts = pattern.split(":");
  if (parts.length >= 6 && /[*?]/.test(parts[4]!)) parts[4] = ANY_ACCOUNT;
  return parts.join(":").replaceAll("*", "any").replaceAll("?", "x");
};

/** Whom policies name, as principal or in a condition, without the plan declaring them: accounts, roles and users. */
export const outsidersOf = ({
  id,
  principals,
  secrets,
  keys,
  runners,
}: Pick<Account, "id" | "principals" | "secrets" | "keys" | "runners">): readonly string[] => {
  const declared = new Set([id, `arn:aws:iam::${id}:root`, ...principals.map(({ arn }) => arn)]);
  const policies = [
    ...principals.flatMap(({ trust }) => trust ?? []),
    ...[...secrets, ...keys, ...runners].map(({ policy }) => policy),
  ];
  const named = policies.flatMap(({ statements }) =>
    statements.flatMap(({ allows, principals: whom, conditions }) => [
      ...(allows ? (whom?.aws ?? []) : []),
      ...Object.values(conditions).flatMap((byKey) =>
        Object.entries(byKey).flatMap(([key, values]) => (WHO.test(key) ? values.map(instance) : [])),
      ),
    ]),
  );
  const granted = keys.flatMap(({ grants }) => grants.map(({ grantee }) => grantee));
  return [...new Set([...named, ...granted])].filter(
    (name) => /^(?:\d{12}$|arn:[^:]*:(?:iam|sts)::\d{12}:)/.test(name) && !declared.has(name),
  );
};

import type { Resource, Value } from "../facts/facts";
import type { Principal } from "./account";
import { type AccountFacts, isBlock, isSet, listOf, textOf } from "./account-facts";
import type { Policy } from "./policy";

/** Every role and user of a plan, with all policies that say what it may do. */
export const readPrincipals = (account: AccountFacts): readonly Principal[] => {
  const managedPolicy = (at: string, value: Value | undefined): Policy => {
    const own = account.ofType("aws_iam_policy").find((policy) => account.means(value, policy) === true);
    if (own !== undefined) return account.policyOf(own);
    const shown = typeof value === "string" ? value : "a policy";
    return { statements: [], unread: [{ at, says: `${shown} is not in the plan` }] };
  };
  const inline = (address: string, value: Value): Policy =>
    account.policyIn(`${address}: 'inline_policy'`, isBlock(value) ? value["policy"] : value);

  const read = (resource: Resource): Principal => {
    const kind = resource.type === "aws_iam_role" ? "role" : "user";
    const { address, values } = resource;
    const name = textOf(values["name"]);
    if (name === undefined && isSet(values["name"]))
      account.unread.push({ at: `${address}: 'name'`, says: "is not known before apply" });
    return {
      address,
      name: account.named(resource),
      arn: account.arnOf(resource),
      account: account.id.account,
      bounded: isSet(values["permissions_boundary"]),
      identity: [
        ...account
          .attached({ type: `aws_iam_${kind}_policy`, attribute: kind }, resource)
          .map((policy) => account.policyOf(policy)),
        ...account
          .attached({ type: `aws_iam_${kind}_policy_attachment`, attribute: kind }, resource)
          .map((policy) => managedPolicy(policy.address, policy.values["policy_arn"])),
        // A block without a policy removes all others and adds none.
        ...listOf(values["inline_policy"])
          .filter((each) => !isBlock(each) || isSet(each["policy"]))
          .map((each) => inline(address, each)),
        ...listOf(values["managed_policy_arns"]).map((arn) => managedPolicy(`${address}: 'managed_policy_arns'`, arn)),
      ],
      ...(kind === "role" ? { trust: account.policyOf(resource, "assume_role_policy") } : {}),
    };
  };
  const principals = account.ofType("aws_iam_role", "aws_iam_user").map(read);
  for (const kind of ["role", "user"])
    for (const type of [`aws_iam_${kind}_policy`, `aws_iam_${kind}_policy_attachment`]) account.noteStrays(type);
  return principals;
};

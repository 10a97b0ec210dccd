const WILD = /[*?]|\$\{/;

/**
 * May what an ARN's pattern names be a stranger's? `arn:aws:sns:*:*:*` may, and so may a bucket by the beginning of its
 * name: buckets have no account in their ARN, and anybody may have one that is called alike.
 *
 * @param pattern as a policy has it. Of what is known after apply only, its address stands for it.
 */
export const hasAnyOwner = (pattern: string): boolean => {
  if (!pattern.startsWith("arn:")) return /^[^./]*[*?]/.test(pattern);
  const [, , service = "", , account = "", ...resource] = pattern.split(":");
  if (resource.length === 0 || WILD.test(service)) return true;
  return WILD.test(account === "" ? resource.join(":").split("/")[0]! : account);
};

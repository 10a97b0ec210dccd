import type { Conditions } from "../secrets/policy";
import { hasAnyOwner } from "./any-owner";

/** Keys of a condition that AWS fills in and a stranger cannot choose; what they name says whom a statement lets in. */
const LIMITS: ReadonlySet<string> = new Set(
  "sourceaccount sourcearn sourceowner sourcevpc sourcevpce principalaccount principalarn principalorgid principalorgpaths"
    .split(" ")
    .map((key) => `aws:${key}`),
);
const OPERATORS: ReadonlySet<string> = new Set(["StringEquals", "StringLike", "ArnEquals", "ArnLike"]);

/**
 * Do a statement's conditions keep strangers out? Only where they name whose: an ARN with any account in it
 * (`arn:aws:sns:*:*:*`), or `vpce-*`, is something that everybody can have.
 *
 * @param keys in lower case, of which one is enough. @default those that say who calls, or from where
 */
export const limitsCallers = (conditions: Conditions, keys: ReadonlySet<string> = LIMITS): boolean =>
  Object.entries(conditions).some(
    ([operator, byKey]) =>
      OPERATORS.has(operator) &&
      Object.entries(byKey).some(
        ([key, values]) => keys.has(key.toLowerCase()) && values.length > 0 && values.every(namesSomebody),
      ),
  );

const namesSomebody = (value: string): boolean =>
  value.startsWith("arn:") ? !hasAnyOwner(value) : !/[*?]/.test(value) || /^o-[a-z0-9]+\//.test(value);

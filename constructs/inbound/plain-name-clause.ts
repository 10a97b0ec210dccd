import { fault, type Clause } from "./clause";
import { everyAttribute } from "./literal";

/**
 * No attribute whose name Terraform computes: in its JSON the names inside an inline rule are templates, so that
 * `${"cidr_blocks"}` opens what no clause finds.
 */
export const plainNameClause: Clause = ({ path, attributes }) =>
  [...everyAttribute(attributes)]
    .filter(([key]) => /[$%]\{/.test(key))
    .map(([key, value]) => fault(path, key, "must be a plain name", value, "write the attribute's name itself"));

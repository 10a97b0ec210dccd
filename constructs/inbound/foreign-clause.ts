import { fault, type Clause } from "./clause";

/** What this rule can read, and what makes nothing outside Terraform's state. */
const READABLE = /^(aws|null|random|time)_|^terraform_data$/;

/** No resource or data source of a provider whose words this rule does not know, and no program run by Terraform. */
export const foreignClause: Clause = ({ type, path, attributes }) => {
  const faults = READABLE.test(type)
    ? []
    : [`${path}: '${type}' must be of the provider aws, null, random or time: what it opens cannot be seen here`];
  if (attributes.provisioner !== undefined)
    faults.push(
      fault(
        path,
        "provisioner",
        "must be absent, since what it does cannot be seen here",
        attributes.provisioner,
        "write what it makes as constructs",
      ),
    );
  return faults;
};

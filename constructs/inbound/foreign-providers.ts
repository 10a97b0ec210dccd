import { fault } from "./clause";
import { isBlock } from "./literal";

/** The providers whose words the inbound rule can read, and those that make nothing outside Terraform's state. */
const KNOWN: readonly string[] = ["aws", "null", "random", "time"];

/** Refuses other providers, also under a known one's name. `required` is Terraform's `required_providers`. */
export const foreignProviders = (path: string, required: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(required)
    .map(([name, entry]): [string, unknown] => [name, isBlock(entry) ? entry.source : entry])
    .filter(([name, source]) => !KNOWN.includes(name) || (source !== name && source !== `hashicorp/${name}`))
    .map(([name, source]) =>
      fault(
        path,
        `terraform.required_providers.${name}`,
        `must be HashiCorp's ${KNOWN.join(", ")}`,
        source,
        "what it opens cannot be seen here; write its resources with the aws provider",
      ),
    );

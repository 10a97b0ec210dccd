import { COULD_OPEN, HARMLESS, MODELLED } from "./resource-types";

/** What a resource type can do to reachability. */
export type TypeClass =
  | { readonly kind: "modelled" }
  | { readonly kind: "harmless"; readonly why: string }
  | { readonly kind: "could-open"; readonly why: string }
  | { readonly kind: "unclassified"; readonly why: string };

const EXACT = new Map<string, TypeClass>();
const FAMILIES = new Map<string, TypeClass>();

function add(types: readonly string[], found: TypeClass): void {
  for (const type of types)
    if (type.endsWith("*")) FAMILIES.set(type.slice(0, -1), found);
    else EXACT.set(type, found);
}
for (const { why, types } of COULD_OPEN) add(types, { kind: "could-open", why });
for (const { why, types } of HARMLESS) add(types, { kind: "harmless", why });
add(MODELLED, { kind: "modelled" });

/** What neither AWS's API nor a network is touched by: values that Terraform makes or keeps for itself. */
const ELSEWHERE: readonly string[] = ["random_", "tls_", "time_", "terraform_data"];

/** The class of a resource type; the longest entry that fits it decides. */
export function classifyType(type: string): TypeClass {
  const exact = EXACT.get(type);
  if (exact) return exact;
  for (let length = type.length; length > 0; length--) {
    const family = FAMILIES.get(type.slice(0, length));
    if (family) return family;
  }
  if (ELSEWHERE.some((prefix) => type.startsWith(prefix)))
    return { kind: "harmless", why: "Terraform makes or keeps a value" };
  return { kind: "unclassified", why: "is of a type that nobody has looked at" };
}

/** Every entry, for the test that holds them to the provider's types. */
export const typeEntries = (): readonly string[] => [...EXACT.keys(), ...[...FAMILIES.keys()].map((key) => `${key}*`)];

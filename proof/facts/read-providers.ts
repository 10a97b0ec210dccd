import { Unknown } from "./facts";
import { isKnownProvider } from "./known-providers";
import { isObject, type Json, type JsonObject, list, object } from "./parse-json";

/** The provider that the network's model was written for: 5.100.0, and what has its schema. */
const AWS = "registry.terraform.io/hashicorp/aws";
const MAJOR = 5;

export interface Providers {
  /** Source address of the provider of a resource type. */
  readonly of: (type: string) => string;
  readonly unread: readonly Unknown[];
}

/**
 * The providers of a configuration as JSON. Those that nobody knows, whether or not anything is theirs, and other versions
 * are unread.
 * @throws BadInput where something else than blocks stands.
 */
export function readProviders(document: JsonObject, file: string): Providers {
  const terraform = block(document.terraform, `${file}: 'terraform'`);
  const required = block(terraform.required_providers, `${file}: 'terraform.required_providers'`);
  const sources = new Map<string, string>();
  const unread: Unknown[] = [];
  for (const [name, requirement] of Object.entries(required)) {
    if (name === "//") continue;
    const { source, version } = isObject(requirement) ? requirement : { source: undefined, version: requirement };
    sources.set(name, fullName(typeof source === "string" ? source : name));
    if (sources.get(name) === AWS)
      unread.push(...versionFault(version, `${file}: 'terraform.required_providers.${name}.version'`));
  }
  const of = (name: string): string => sources.get(name) ?? fullName(name);
  for (const name of new Set([...sources.keys(), ...Object.keys(block(document.provider, `${file}: 'provider'`))]))
    if (name !== "//" && !isKnownProvider(of(name)))
      unread.push(
        new Unknown(
          sources.has(name) ? `${file}: 'terraform.required_providers.${name}'` : `${file}: 'provider.${name}'`,
          `a provider is a program, and what '${of(name)}' does is not known`,
        ),
      );
  return { of: (type) => of(local(type)), unread };
}

/** Of a provider there may be several blocks, with aliases: its name is all that is asked. */
const block = (json: Json | undefined, place: string): JsonObject =>
  Object.assign(
    {},
    ...list(Array.isArray(json) ? json : json === undefined ? [] : [json], place).map((part) => object(part, place)),
  ) as JsonObject;

/** Nothing, or why a version constraint lets in a provider that has another schema. */
export function versionFault(version: Json | undefined, place: string): Unknown[] {
  // Without one, whatever version was installed; a plan shows it by its attributes.
  if (typeof version !== "string" || version.trim() === "") return [];
  const clauses = version
    .split(",")
    .map((clause) => /^\s*(=|!=|>=|<=|>|<|~>)?\s*v?(\d+)(?:\.\d+)*[\w.+-]*\s*$/.exec(clause));
  const excluded = clauses.some((clause) => {
    if (!clause) return true;
    const major = Number(clause[2]);
    if (clause[1] === "!=") return false;
    if (clause[1] === ">=" || clause[1] === ">") return major > MAJOR;
    if (clause[1] === "<=") return major < MAJOR;
    if (clause[1] === "<") return major <= MAJOR && !/[1-9]/.test(clause[0].replace(/^\D*\d+/, ""));
    return major !== MAJOR;
  });
  return excluded
    ? [new Unknown(place, `is '${version}', and the model knows the attributes of version ${MAJOR} of ${AWS} alone`)]
    : [];
}

const local = (type: string): string => type.split("_", 1)[0]!;

const fullName = (source: string): string => {
  const parts = source.toLowerCase().split("/");
  if (parts.length === 1) return `registry.terraform.io/hashicorp/${source}`;
  return parts.length === 2 ? `registry.terraform.io/${source}` : source;
};

import type { Resource } from "../facts/facts";
import type { Counterexample, Property, Step } from "../verdict";
import type { HygieneInput } from "./hygiene-input";

/** `true`: holds; a text: what is wrong; `Unreadable`: what is not known. */
export type Finding = true | string | Unreadable;

export class Unreadable {
  constructor(readonly says: string) {}
}

export interface AttributeRule extends Omit<Property<HygieneInput>, "check"> {
  /** Of which every resource must hold. */
  readonly types: readonly string[];
  /** Several findings: several parts of one resource. */
  readonly look: (resource: Resource, input: HygieneInput) => Finding | readonly Finding[];
  /** What somebody could do, in the words of a counterexample. */
  readonly source: string;
}

/** A rule about attributes of resources, which may be suppressed for one of them and for a time. */
export const attributeRule = ({
  types,
  look,
  source,
  ...identity
}: AttributeRule): Property<HygieneInput> & { readonly types: readonly string[] } => ({
  ...identity,
  types,
  check: (input) => {
    const resources = input.facts.resources.filter(({ type, mode }) => mode === "managed" && types.includes(type));
    const counterexamples: Counterexample[] = [];
    const reasons: Step[] = [];
    const setAside: string[] = [];
    for (const resource of resources) {
      const { address } = resource;
      const found = look(resource, input);
      const suppression = input.suppressions.find((each) => each.rule === identity.id && each.resource === address);
      for (const finding of Array.isArray(found) ? (found as readonly Finding[]) : [found as Finding]) {
        if (finding === true) continue;
        const ended = suppression !== undefined && suppression.until < input.today;
        if (suppression !== undefined && !ended)
          setAside.push(`${address} until ${suppression.until}: ${suppression.reason}`);
        else if (finding instanceof Unreadable) reasons.push({ at: address, says: finding.says });
        else {
          const path = [
            { at: address, says: finding },
            ...(ended ? [{ at: address, says: `its suppression ended on ${suppression.until}` }] : []),
          ];
          counterexamples.push({ source, target: address, path });
        }
      }
    }
    if (counterexamples.length > 0) return { answer: "VIOLATED", counterexamples };
    if (resources.length === 0) reasons.push({ at: "plan", says: `it has no ${types.join(" or ")} to look at` });
    if (reasons.length > 0) return { answer: "UNPROVEN", reasons };
    const aside = setAside.length === 0 ? "" : `; set aside: ${[...new Set(setAside)].join("; ")}`;
    return { answer: "PROVEN", checked: resources.length, says: `${resources.length} looked at${aside}` };
  },
});

import { renderFilter } from "../../../policy/render-filter";
import { intersects } from "../../../policy/topic-filter";
import type { AccessData, IdentityData } from "../access-data";

/** What a reader asks for; every empty field admits everything. */
export interface Question {
  /** Part of a name, in any case. */
  readonly name: string;
  readonly kind: string;
  /** Index of a role, as text. */
  readonly role: string;
  /** A valid topic or topic filter. */
  readonly topic: string;
}

/** A filter that an identity is granted, with its own name filled in, and a topic that shows what it admits. */
export interface ShownFilter {
  readonly filter: string;
  /** Undefined: the filter is one topic, or it admits none at all. */
  readonly witness: string | undefined;
  /** Whether it admits what was asked for. */
  readonly asked: boolean;
}

export interface ShownIdentity {
  readonly name: string;
  readonly kind: string;
  readonly certificate: boolean;
  readonly role: string | undefined;
  readonly publish: readonly ShownFilter[];
  readonly subscribe: readonly ShownFilter[];
}

/** The identities that a question is about, in order of their names. */
export function findIdentities({ roles, identities }: AccessData, question: Question): readonly IdentityData[] {
  const part = question.name.trim().toLowerCase();
  const { topic } = question;
  // First by role, with any name in the place of the identity's: most roles are done with at once.
  const perhaps = roles.map(
    ([, ...rights]) => topic === "" || rights.flat().some((filter) => admits(filter, "+", topic)),
  );
  return identities.filter(
    ([name, kind, role]) =>
      (part === "" || name.toLowerCase().includes(part)) &&
      (question.kind === "" || kind === question.kind) &&
      (question.role === "" || role === Number(question.role)) &&
      (topic === "" || (perhaps[role] === true && rightsOf(roles[role]).some((filter) => admits(filter, name, topic)))),
  );
}

const rightsOf = (role: AccessData["roles"][number] | undefined): readonly string[] =>
  role === undefined ? [] : [...role[1], ...role[2]];

const admits = (filter: string, name: string, topic: string): boolean =>
  intersects(renderFilter(filter, name), topic) !== undefined;

/** An identity with its filters as the broker will see them. */
export function showIdentity(
  { roles }: AccessData,
  [name, kind, index, certificate]: IdentityData,
  topic: string,
): ShownIdentity {
  const role = roles[index];
  const show = (filters: readonly string[] = []): readonly ShownFilter[] =>
    filters.map((pattern) => {
      const filter = renderFilter(pattern, name);
      const shared = topic === "" ? undefined : intersects(filter, topic);
      const witness = shared ?? intersects(filter, filter);
      return { filter, witness: witness === filter ? undefined : witness, asked: shared !== undefined };
    });
  return {
    name,
    kind: kind === "e" ? "edge" : "enterprise",
    certificate: certificate === 1,
    role: role?.[0],
    publish: show(role?.[1]),
    subscribe: show(role?.[2]),
  };
}

import type { AccessIdentity } from "../access/access-document";

/** A role as the page's script takes it: its id, what it publishes, what it subscribes; `{id}` stands for the name. */
export type RoleData = readonly [id: string, publish: readonly string[], subscribe: readonly string[]];

/** An identity: its name, kind, index of its role (-1: its role is not in the document), certificate. */
export type IdentityData = readonly [name: string, kind: "e" | "n", role: number, certificate: 0 | 1];

/** What the access browser of the page works on: some 30 bytes an identity. */
export interface AccessData {
  readonly roles: readonly RoleData[];
  /** By name. */
  readonly identities: readonly IdentityData[];
}

/** Packs the access document for the page; a role that two shards spell differently is there twice. */
export function accessData(identities: readonly AccessIdentity[]): AccessData {
  const roles: RoleData[] = [];
  const indexes = new Map<string, number>();
  const indexOf = ({ roleId, role }: AccessIdentity): number => {
    if (role === undefined) return -1;
    const data: RoleData = [roleId, role.publish, role.subscribe];
    const key = JSON.stringify(data);
    const known = indexes.get(key) ?? roles.push(data) - 1;
    indexes.set(key, known);
    return known;
  };
  const rows = identities.map((identity): IdentityData => [
    identity.name,
    identity.kind === "edge" ? "e" : "n",
    indexOf(identity),
    identity.certificate === "required" ? 1 : 0,
  ]);
  return { roles, identities: rows.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)) };
}

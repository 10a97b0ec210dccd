import { DEFAULT_DEVICE_CLASS, DEVICE_CLASS_RULE, isDeviceClass } from "../device-class";
import { field } from "../field";
import type { Report } from "../fault";
import { IDENTITY_NAME_RULE, isIdentityName } from "../identity-name";
import type { ResolvedRole } from "../role";
import type { Identity, IdentityKind } from "../site";
import { checkClosedWord } from "./closed-word";
import { checkGrants } from "./grants";
import { checkKeys } from "./known-keys";
import { resolveRole } from "./resolve-role";

const COMMON_KEYS = ["name", "role", "certificate"];
/** An enterprise client is software on somebody's machine: it runs no image of ours. */
const KEYS = { edge: [...COMMON_KEYS, "deviceClass"], enterprise: COMMON_KEYS } as const;

/** An identity whose name and role are sound enough for the rules that look at all of them together. */
export interface CheckedIdentity extends Identity {
  readonly path: string;
}

const suggestName = (value: unknown): string => {
  const plain =
    typeof value === "string"
      ? value
          .trim()
          .replace(/[^A-Za-z0-9._-]+/g, "-")
          .slice(0, 64)
      : "";
  return isIdentityName(plain) ? plain : "gw-1";
};

/** Resolves each role object once, and reports a role's faults once for each kind of identity that has it. */
const roleReader = (site: string, report: Report) => {
  const known = new Map<unknown, ResolvedRole | undefined>();
  const byId = new Map<string, { readonly role: ResolvedRole; readonly text: string }>();
  const checked = new Set<string>();

  /** One object an id: later rules count roles, not identities. */
  const unify = (path: string, role: ResolvedRole): ResolvedRole | undefined => {
    const { publish, subscribe } = role.grants;
    const text = JSON.stringify([publish, subscribe, role.sharedReads].map((filters) => [...filters].sort()));
    const same = byId.get(role.id);
    if (same === undefined) byId.set(role.id, { role, text });
    if (same === undefined || same.text === text) return same?.role ?? role;
    const rule = "must have an id that stands for the same grants everywhere in the site";
    report(`${path}.id`, rule, role.id, "give one of the two roles another name");
    return undefined;
  };

  return (path: string, value: unknown, kind: IdentityKind): ResolvedRole | undefined => {
    // What is no object is somebody's mistake, and each place of it is worth a line.
    if (!known.has(value) || typeof value !== "object" || value === null) {
      const resolved = resolveRole(path, value, site, report);
      known.set(value, resolved && unify(path, resolved));
    }
    const role = known.get(value);
    if (role === undefined || checked.has(`${kind} ${role.id}`)) return role;
    checked.add(`${kind} ${role.id}`);
    checkGrants(path, role, kind, report);
    return role;
  };
};

/** Names, duplicates over both lists, certificates, roles and their grants. */
export const checkIdentities = (declaration: object, site: string, report: Report): readonly CheckedIdentity[] => {
  const readRole = roleReader(site, report);
  const paths = new Map<string, string>();
  const sound: CheckedIdentity[] = [];
  for (const kind of ["edge", "enterprise"] as const) {
    const list = field(declaration, kind);
    if (!Array.isArray(list)) {
      report(kind, "must be a list of identities", list, "write [] for none");
      continue;
    }
    for (const [index, identity] of (list as readonly unknown[]).entries()) {
      const path = `${kind}[${index}]`;
      if (!checkKeys(path, identity, KEYS[kind], report)) continue;
      const name = field(identity, "name");
      const first = typeof name === "string" ? paths.get(name) : undefined;
      if (!isIdentityName(name))
        report(`${path}.name`, IDENTITY_NAME_RULE, name, `rename it, for example "${suggestName(name)}"`);
      else if (first !== undefined)
        report(`${path}.name`, `must be unique in the site, but ${first} has it too`, name, "rename one of them");
      else paths.set(name, path);
      const certificate = field(identity, "certificate");
      if (certificate !== undefined)
        checkClosedWord(`${path}.certificate`, certificate, ["required", "password-only"], report);
      const declaredClass = field(identity, "deviceClass");
      const deviceClass = declaredClass ?? DEFAULT_DEVICE_CLASS;
      if (kind === "edge" && !isDeviceClass(deviceClass))
        report(`${path}.deviceClass`, DEVICE_CLASS_RULE, declaredClass, 'leave it out for "gateway"');
      const role = readRole(`${path}.role`, field(identity, "role"), kind);
      if (role === undefined || !isIdentityName(name) || first !== undefined) continue;
      sound.push({
        path,
        name,
        kind,
        certificate: certificate === "password-only" ? certificate : "required",
        role,
        ...(kind === "edge" && isDeviceClass(deviceClass) && { deviceClass }),
      });
    }
  }
  return sound;
};

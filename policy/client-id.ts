import type { IdentityKind } from "./site";

const SUFFIX = /^[A-Za-z0-9._-]{1,32}$/;

/**
 * May this identity connect under this ClientId? An edge identity under its name alone; an enterprise client also under
 * `name~suffix` (suffix `[A-Za-z0-9._-]{1,32}`), so that two browser tabs or a redundant pair work. No name holds a `~`,
 * so a ClientId belongs to one identity at most (promise P4).
 */
export const ownsClientId = (
  identity: { readonly name: string; readonly kind: IdentityKind },
  clientId: string,
): boolean => {
  if (clientId === identity.name) return true;
  const prefix = `${identity.name}~`;
  return identity.kind === "enterprise" && clientId.startsWith(prefix) && SUFFIX.test(clientId.slice(prefix.length));
};

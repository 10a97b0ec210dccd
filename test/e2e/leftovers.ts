import type { RecordedCall } from "./recorded-call";

/** The part of a refresh-only plan that we read. */
export interface Drift {
  readonly resource_drift?: readonly {
    readonly address: string;
    readonly change: { readonly actions: readonly string[] };
  }[];
}

/** State as `terraform state pull` gives it. */
export interface State {
  readonly resources: readonly {
    readonly mode: string;
    readonly module?: string;
    readonly type: string;
    readonly name: string;
    readonly instances: readonly unknown[];
  }[];
}

/** Types that the provider cannot be asked for when they are gone, and why that is no gap. */
const NOT_ASKED: Readonly<Record<string, string>> = {
  aws_lambda_invocation: "an act, which leaves nothing",
  aws_default_network_acl: "AWS removes it with its VPC, which is asked for; the emulator keeps it",
  aws_ecs_service:
    "the provider waits two minutes for a service whose cluster is gone; that the cluster is gone says it",
};

/** The state without what the provider is not asked for. */
export function askable(state: State): State {
  return { ...state, resources: state.resources.filter(({ type }) => NOT_ASKED[type] === undefined) };
}

/**
 * Addresses of a former state that the provider, asked again, still finds: every resource that is gone shows as deleted
 * in a refresh-only plan of that state.
 */
export function stillThere(before: State, drift: Drift): string[] {
  const gone = new Set(
    (drift.resource_drift ?? [])
      .filter(({ change }) => change.actions.includes("delete"))
      .map(({ address }) => address),
  );
  return before.resources
    .filter(({ mode }) => mode === "managed")
    .map(({ type, name }) => `${type}.${name}`)
    .filter((address) => !gone.has(address));
}

/** Words with which a deletion begins, by the word of the creation. */
const OPPOSITES: readonly (readonly [create: RegExp, remove: (noun: string) => readonly string[]])[] = [
  [/^Create(.+)$/, (noun) => [`Delete${noun}`, `Delete${noun}s`, `Schedule${noun}Deletion`]],
  [/^Allocate(.+)$/, (noun) => [`Release${noun}`]],
  [/^Register(.+)$/, (noun) => [`Deregister${noun}`]],
  [/^Associate(.+)$/, (noun) => [`Disassociate${noun}`]],
  [/^Attach(.+)$/, (noun) => [`Detach${noun}`]],
];

/** What cannot or need not be undone by a call of its own. */
const WITHOUT_OPPOSITE: Readonly<Record<string, string>> = {
  CreateTags: "tags go with what they are on",
  CreateGrant: "grants go with the key",
  CreateRoute: "routes go with their table",
  CreateNetworkAclEntry: "entries go with the ACL; the provider also deletes default ones",
};

/** Creations of the deployer that no deletion answers: `service action: created n, deleted m`. */
export function unmatchedCreations(calls: readonly RecordedCall[]): string[] {
  const counts = new Map<string, number>();
  for (const { principal, service, action, status } of calls) {
    if (principal !== "deployer" || status >= 300) continue;
    counts.set(`${service} ${action}`, (counts.get(`${service} ${action}`) ?? 0) + 1);
  }
  const unmatched: string[] = [];
  for (const [key, created] of counts) {
    const [service, action] = key.split(" ") as [string, string];
    if (WITHOUT_OPPOSITE[action] !== undefined) continue;
    for (const [pattern, remove] of OPPOSITES) {
      const noun = pattern.exec(action)?.[1];
      if (noun === undefined) continue;
      const deleted = remove(noun).reduce((sum, word) => sum + (counts.get(`${service} ${word}`) ?? 0), 0);
      if (deleted < created) unmatched.push(`${service} ${action}: created ${created}, deleted ${deleted}`);
    }
  }
  return unmatched;
}

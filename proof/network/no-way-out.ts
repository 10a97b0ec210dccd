import { type Facts, Reference, type Value } from "../facts/facts";
import { readPolicy } from "../secrets/read-policy";
import type { Counterexample, Property, Step } from "../verdict";
import { hasAnyOwner } from "./any-owner";
import { type Flow, show } from "./flow";
import { limitsCallers } from "./limits-callers";
import { judge, type NetworkInput } from "./network-input";
import { toInternet } from "./outbound-flows";
import { countText } from "../report/number-text";

/**
 * The broker's subnets reach no internet address. Behind AWS's endpoints stand services that serve everybody, who may be
 * there with credentials of an account of his own: that way is open to what the endpoint's policy names, and an endpoint
 * without one is a way to anybody's bucket, log or queue.
 */
export const noWayOut: Property<NetworkInput> = {
  id: "no-way-out",
  what: "Nothing in the broker's subnets can send a packet to an internet address, nor anything through an endpoint that serves everybody.",
  why: "A broker that was taken over can neither carry the plant's data out nor fetch what comes next.",
  promises: ["P1", "P5"],
  controls: ["PR.DS-5", "M0930", "IEC 62443-3-3 SR 5.2"],
  check: ({ facts, network, flows }) => {
    const inner = new Set(
      network.nodes.filter(({ zone }) => zone === "tasks" || zone === "store").map(({ subnet }) => subnet.address),
    );
    const nodes = network.nodes.filter(({ subnet }) => inner.has(subnet.address));
    const ways = nodes.flatMap((node) => toInternet(network, node));
    const doubts: Step[] = [];
    const through = (way: Flow, endpoint: string): Counterexample[] =>
      policiesOf(facts, endpoint).flatMap(({ at, policy }) => {
        const wide = widePolicy(policy);
        if (wide === undefined) return [];
        if (!(wide instanceof Error)) return [throughEndpoint(way, endpoint, { at, says: wide })];
        doubts.push({ at: `${at}: 'policy'`, says: wide.message });
        return [];
      });
    // From one task to an endpoint it is the same way as from each.
    const toEndpoints = new Map(
      flows.internal
        .filter(({ fromZone, toZone }) => (fromZone === "tasks" || fromZone === "store") && toZone === "endpoints")
        .map((flow) => [flow.to, flow] as const),
    );
    const violations = [
      ...ways.flatMap((way) => (way.endpoint === undefined ? [show(way, way.set)] : through(way, way.endpoint))),
      ...[...toEndpoints].flatMap(([endpoint, flow]) => through(flow, endpoint)),
    ];
    const says = `of ${countText(nodes.length, "interface")} in ${countText(inner.size, "subnet")}, none reaches an internet address`;
    return judge(network, { violations, doubts }, { checked: nodes.length, says });
  },
};

const throughEndpoint = (way: Flow, endpoint: string, wide: Step): Counterexample => {
  const shown = show(way, way.set);
  return { ...shown, target: `anything behind ${endpoint}`, path: [...shown.path, wide] };
};

/** Its own, and those that are resources of their own: which of them is put on last, nobody knows. */
function policiesOf(facts: Facts, endpoint: string): { readonly at: string; readonly policy: Value | undefined }[] {
  const own = facts.byAddress.get(endpoint)?.values.policy;
  const separate = facts.resources.filter(({ mode, type, values }) => {
    const named = values.vpc_endpoint_id;
    return (
      mode === "managed" &&
      type === "aws_vpc_endpoint_policy" &&
      (!(named instanceof Reference) || named.address === endpoint)
    );
  });
  const isSet = own !== undefined && own !== null && own !== "";
  return [
    ...(isSet || separate.length === 0 ? [{ at: endpoint, policy: own }] : []),
    ...separate.map(({ address, values }) => ({ at: address, policy: values.policy })),
  ];
}

/** Conditions that say whose credentials, or whose resources, they are. */
const WHOSE: ReadonlySet<string> = new Set(
  "principalaccount principalarn principalorgid principalorgpaths resourceaccount resourceorgid resourceorgpaths"
    .split(" ")
    .map((key) => `aws:${key}`),
);

/** Why an endpoint's policy lets data go anywhere. Undefined: it names what it admits. An error: it cannot be read. */
function widePolicy(value: Value | undefined): string | undefined | Error {
  if (value === undefined || value === null || value === "") return "has no policy of its own: it admits everything";
  const policy = readPolicy("policy", value, ({ address, attribute }) => `${address}.${attribute}`);
  const [unread] = policy.unread;
  if (unread) return new Error(unread.says);
  const odd = policy.statements.find((statement) => statement.odd !== undefined);
  if (odd) return new Error(`has a ${odd.at} that ${odd.odd}`);
  const wide = policy.statements.some(
    ({ allows, resources, notResources, notActions, conditions }) =>
      allows &&
      (resources.length === 0 || resources.some(hasAnyOwner) || notResources.length + notActions.length > 0) &&
      !limitsCallers(conditions, WHOSE),
  );
  return wide ? "has a policy that admits every resource" : undefined;
}

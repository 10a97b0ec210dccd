import { type Facts, Reference, Template, type Value } from "../facts/facts";
import type { Counterexample, Property, Step } from "../verdict";
import { show } from "./flow";
import { judge, type NetworkInput } from "./network-input";
import { toInternet, type WayOut } from "./outbound-flows";
import { countText } from "../report/number-text";

/**
 * The broker's subnets reach no internet address. What AWS's gateway endpoints serve has public addresses too: that way is
 * open to what the endpoint's policy names, and an endpoint without one is a way to anybody's bucket.
 */
export const noWayOut: Property<NetworkInput> = {
  id: "no-way-out",
  what: "Nothing in the broker's subnets can send a packet to an internet address.",
  why: "A broker that was taken over can neither carry the plant's data out nor fetch what comes next.",
  promises: ["P1", "P5"],
  controls: ["PR.DS-5", "M0930", "IEC 62443-3-3 SR 5.2"],
  check: ({ facts, network }) => {
    const inner = new Set(
      network.nodes.filter(({ zone }) => zone === "tasks" || zone === "store").map(({ subnet }) => subnet.address),
    );
    const nodes = network.nodes.filter(({ subnet }) => inner.has(subnet.address));
    const ways = nodes.flatMap((node) => toInternet(network, node));
    const doubts: Step[] = [];
    const violations = ways.flatMap((way): Counterexample[] => {
      if (way.endpoint === undefined) return [show(way, way.set)];
      const endpoint = way.endpoint;
      return policiesOf(facts, endpoint).flatMap(({ at, policy }) => {
        const wide = widePolicy(policy);
        if (wide === undefined) return [];
        if (!(wide instanceof Error)) return [throughEndpoint(way, endpoint, { at, says: wide })];
        doubts.push({ at: `${at}: 'policy'`, says: wide.message });
        return [];
      });
    });
    const says = `of ${countText(nodes.length, "interface")} in ${countText(inner.size, "subnet")}, none reaches an internet address`;
    return judge(network, { violations, doubts }, { checked: nodes.length, says });
  },
};

const throughEndpoint = (way: WayOut, endpoint: string, wide: Step): Counterexample => {
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

/** Why an endpoint's policy lets data go anywhere. Undefined: it names what it admits. An error: it cannot be read. */
function widePolicy(policy: Value | undefined): string | undefined | Error {
  if (policy === undefined || policy === null || policy === "") return "has no policy of its own: it admits everything";
  const text =
    policy instanceof Template
      ? policy.parts.map((part) => (typeof part === "string" ? part : named(part))).join("")
      : policy;
  if (typeof text !== "string") return new Error("is not known before apply");
  try {
    const { Statement } = JSON.parse(text) as { readonly Statement?: unknown };
    const statements = (Array.isArray(Statement) ? Statement : [Statement]) as readonly Readonly<
      Record<string, unknown>
    >[];
    const wide = statements.find(
      ({ Effect, Resource, NotResource, NotAction }) =>
        Effect === "Allow" && ([Resource].flat().includes("*") || NotResource !== undefined || NotAction !== undefined),
    );
    return wide ? "has a policy that admits every resource" : undefined;
  } catch {
    return new Error("is no policy document");
  }
}

const named = (part: unknown): string => (part instanceof Reference ? `${part.address}.${part.attribute}` : "unknown");

import type { Report } from "../fault";
import { renderFilter } from "../render-filter";
import { matches } from "../topic-filter";
import type { CheckedIdentity } from "./identities";

const STATE = "spBv1.0/STATE/";

/** A node waits for its primary host before it says anything: one that cannot come would keep it silent for ever. */
export const checkPrimaryHosts = (identities: readonly CheckedIdentity[], report: Report): void => {
  const seen = new Set<string>();
  for (const { path, kind, role } of identities) {
    if (kind !== "edge" || role.template !== "sparkplug-edge-node" || seen.has(role.id)) continue;
    seen.add(role.id);
    const topic = role.grants.subscribe.find((filter) => filter.startsWith(STATE) && !/[+#]/.test(filter));
    if (topic === undefined) continue;
    const announces = (other: CheckedIdentity): boolean =>
      other.role.grants.publish.some((filter) => matches(renderFilter(filter, other.name), topic));
    if (identities.some(announces)) continue;
    const hosts = identities.filter((other) => other.role.template === "sparkplug-host").map(({ name }) => name);
    report(
      `${path}.role.primaryHost`,
      `must be an identity of the site that may publish '${topic}'`,
      topic.slice(STATE.length),
      hosts.length > 0
        ? `name one of ${hosts.join(", ")}, or leave it out to send whoever listens`
        : "declare it in 'enterprise' with sparkplugHost, or leave it out to send whoever listens",
    );
  }
};

import { intersects, matches } from "../../policy/topic-filter";
import type { Identity, Site } from "../../policy/site";
import { clientConnection } from "../client-connection";

/** Who plays in the demo and on which of the site's own topics. */
export interface Cast {
  /** Two edge devices; each writes its own telemetry topic, and neither may write the other's. */
  readonly edge: readonly [EdgePart, EdgePart];
  /** An enterprise client that reads both. */
  readonly host: Identity;
  /** Another enterprise client of the operator role, if the site has one. */
  readonly operator: Identity | undefined;
}

export interface EdgePart {
  readonly identity: Identity;
  /** A topic it may publish, and the host may read. */
  readonly telemetry: string;
  /** A topic the host may publish, and the device may read. */
  readonly command: string | undefined;
}

/**
 * Picks the players from the site as it is declared.
 * @returns undefined when the site has no two edge devices and an enterprise client that reads both, with certificates
 */
export function findCast(site: Site): Cast | undefined {
  // The demo steals certificates and leaves them out: that means something only where one is required.
  const secured = site.identities.filter((identity) => identity.certificate === "required");
  const devices = secured.filter(({ kind }) => kind === "edge");
  const clients = secured.filter(({ kind }) => kind === "enterprise");
  // A client that also commands shows more than one that only reads; an operator is the last choice.
  const worth = (host: Identity): number =>
    (devices.some((device) => sharedTopic(site, host, device)) ? 2 : 0) + (host.role.template === "operator" ? 0 : 1);
  for (const host of [...clients].sort((a, b) => worth(b) - worth(a))) {
    const parts = devices.flatMap((identity): EdgePart[] => {
      const telemetry = sharedTopic(site, identity, host);
      return telemetry ? [{ identity, telemetry, command: sharedTopic(site, host, identity) }] : [];
    });
    const [first, ...others] = parts;
    const second = others.find((part) => part.telemetry !== first?.telemetry);
    if (!first || !second) continue;
    const operator = clients.find((client) => client !== host && client.role.template === "operator");
    return { edge: [first, second], host, operator };
  }
  return undefined;
}

/** A topic that `from` may publish and `to` may read, data before births and deaths. */
function sharedTopic(site: Site, from: Identity, to: Identity): string | undefined {
  const nowhere = { host: "", mqttPort: 0, httpsPort: 0 };
  const { publish } = clientConnection(site, from, nowhere).topics;
  const { subscribe } = clientConnection(site, to, nowhere).topics;
  const commandOrData = (filter: string): number => (/data|cmd/i.test(filter) ? 0 : 1);
  return [...publish]
    .sort((a, b) => commandOrData(a) - commandOrData(b))
    .flatMap((filter) => {
      // A wildcard that the sender may fill: with the reader's own name, so that a host's NCMD/+ reaches this device.
      const aimed = subscribe.map((wanted) => intersects(filter, wanted)).filter((topic) => topic !== undefined);
      const readable = sample(filter);
      return [...(subscribe.some((wanted) => matches(wanted, readable)) ? [readable] : []), ...aimed];
    })[0];
}

/** A topic the filter matches, in words that read well on a screen. */
const sample = (filter: string): string =>
  filter
    .split("/")
    .map((level) => (level === "+" || level === "#" ? "demo" : level))
    .join("/");

import { type EdgeDevice, edgeDevice } from "../policy/edge-device";
import { renderFilter } from "../policy/render-filter";
import type { Identity, Site } from "../policy/site";

/** How one client of a site connects: everything but its secrets. Written to its bundle as `mqtt.json`. */
export interface ClientConnection {
  readonly site: string;
  /** `mqtts://host:port`, MQTT 3.1.1 over TLS. */
  readonly url: string;
  /** `wss://host:port/mqtt`, MQTT 3.1.1 over WebSockets. */
  readonly webSocketUrl: string;
  readonly host: string;
  readonly port: number;
  /** The ClientId is bound to the identity; an enterprise client may also use `<clientId>~<suffix>`. */
  readonly clientId: string;
  readonly username: string;
  readonly kind: Identity["kind"];
  /** What the site's declaration lets it publish and subscribe, with its own name filled in. */
  readonly topics: { readonly publish: readonly string[]; readonly subscribe: readonly string[] };
  /** File names in the bundle. */
  readonly files: {
    readonly ca: string;
    readonly password: string;
    readonly certificate?: string;
    readonly key?: string;
  };
  /** What an edge device's agent is to do, for the kind `edge`. */
  readonly edge?: EdgeDevice;
}

/** Where a site's broker is reached. */
export interface BrokerAddress {
  readonly host: string;
  readonly mqttPort: number;
  readonly httpsPort: number;
}

/** Derives how `identity` connects to `site` at `address`. */
export function clientConnection(site: Site, identity: Identity, address: BrokerAddress): ClientConnection {
  const { grants } = identity.role;
  const own = (filter: string): string => renderFilter(filter, identity.name);
  const url = `mqtts://${address.host}:${address.mqttPort}`;
  const webSocketUrl = `wss://${address.host}:${address.httpsPort}/mqtt`;
  return {
    site: site.name,
    url,
    webSocketUrl,
    host: address.host,
    port: address.mqttPort,
    clientId: identity.name,
    username: identity.name,
    kind: identity.kind,
    topics: { publish: grants.publish.map(own), subscribe: grants.subscribe.map(own) },
    files: {
      ca: "ca.pem",
      password: "password",
      ...(identity.certificate === "required" && { certificate: "cert.pem", key: "key.pem" }),
    },
    ...(identity.kind === "edge" && { edge: edgeDevice(identity, [url, webSocketUrl]) }),
  };
}

import type { Architecture } from "./architecture";
import { renderFilter } from "./render-filter";
import type { Identity, Site } from "./site";

/** Where an edge device keeps what the image's two halves (root file system, agent) and the command line agree on. */
export const EDGE_PATHS = {
  /** The agent: one bundled file. */
  agent: "/usr/lib/dmz-agent/agent.cjs",
  /** What the image is, as `EdgeImage`. Baked in, so that no bundle can change it. */
  image: "/usr/lib/dmz-agent/image.json",
  /** Local applications hand over their messages here (docs/edge-agent.md). */
  socket: "/run/dmz-agent/agent.sock",
  /** Exists while the agent is connected: the boot check of an update waits for it, then marks the slot good. */
  connected: "/run/dmz-agent/connected",
  /** The data partition. */
  data: "/data",
  /** The enrolment bundle, as `dmz enrol` writes it. */
  identity: "/data/identity",
  queue: "/data/queue",
  /** Last known time, Sparkplug's counters, whom the queue belongs to. */
  state: "/data/state",
  /** Written by the boot side, read by the agent: `SlotHealth`. */
  slot: "/data/state/slot.json",
  /** Update spool: the agent works in `incoming/`, and renames it to `ready/` when all of it is there and verified. */
  update: "/data/update",
} as const;

/** The account that the agent runs as, and the only one that the firewall lets out to the broker. */
export const EDGE_USER = { name: "dmz-agent", uid: 990, gid: 990 } as const;

/** How Node is started for the agent: what keeps it below 80 MB. With `MALLOC_ARENA_MAX=1` in its environment. */
export const EDGE_NODE_FLAGS = ["--max-semi-space-size=1", "--max-old-space-size=48"] as const;

/** The agent's unit. */
export const EDGE_UNIT = "dmz-agent.service";

/** Files of an update in `<spool>/ready/`. `update` holds a `SignedUpdate`, `image` the bytes that it names. */
export const UPDATE_FILES = { update: "update.json", image: "image", result: "result.json" } as const;

/** What to do when the queue is full: lose the oldest messages, and say which, or refuse new ones to the application. */
export type OverflowPolicy = "drop-oldest" | "refuse-new";

/** Bounds of the message queue. */
export interface QueueBounds {
  /** Bytes of `/data/queue` without what was set aside. */
  readonly maxBytes: number;
  /** Messages that are older are dropped, and counted. */
  readonly maxAgeHours: number;
  readonly overflow: OverflowPolicy;
}

/** A week of 40 small messages a second in a quarter of a gigabyte is more than most outages need. */
export const QUEUE_DEFAULTS: QueueBounds = { maxBytes: 256 * 1024 * 1024, maxAgeHours: 168, overflow: "drop-oldest" };

/** What an image says of itself in `EDGE_PATHS.image`. */
export interface EdgeImage {
  readonly version: 1;
  readonly site: string;
  /** The site's public DNS name: the firewall lets out to it alone, and no bundle may name another. */
  readonly host: string;
  /** `[a-z0-9][a-z0-9-]{0,31}`: an update for another class is refused. */
  readonly deviceClass: string;
  /** An update for another one is refused. @default "x86_64" */
  readonly architecture?: Architecture;
  /** Whole numbers with dots, for example `1.4.0`; an update must be newer. */
  readonly imageVersion: string;
  /** Unix seconds (SOURCE_DATE_EPOCH): no clock of the device can truly be earlier. */
  readonly builtAt: number;
  /** Ed25519 public keys, SPKI in PEM: who may sign updates. Two while a key is replaced; none for a container. */
  readonly updateKeys: readonly string[];
  /** Devices that the site declares; a bundle for another one is refused. @default any device of the site */
  readonly devices?: readonly string[];
  /** @default QUEUE_DEFAULTS */
  readonly queue?: QueueBounds;
}

/** A device's part in its site, derived from the declaration alone; `mqtt.json` in its bundle carries it as `edge`. */
export interface EdgeDevice {
  readonly version: 1;
  /** Broker addresses in order of preference: `mqtts://host:8883`, `wss://host:443/mqtt`. */
  readonly brokers: readonly string[];
  /** The level above `data`, `event`, `status` and `cmd`, for a plain MQTT device: `riverside/utilities/gw-water`. */
  readonly prefix?: string;
  /** For a Sparkplug B edge node. */
  readonly sparkplug?: {
    readonly group: string;
    /** While this host is offline, data waits in the queue. @default none: data is sent whoever listens */
    readonly primaryHost?: string;
  };
}

/** Reads from a role's own grants what the device speaks: what the access list gives is what the agent does. */
export const edgeDevice = (identity: Identity, brokers: readonly string[]): EdgeDevice => {
  const { name } = identity;
  const publish = identity.role.grants.publish.map((filter) => renderFilter(filter, name));
  const subscribe = identity.role.grants.subscribe.map((filter) => renderFilter(filter, name));
  const group = publish.map((filter) => levelsOf(filter, ["spBv1.0", undefined, "NBIRTH", name])).find(Boolean)?.[1];
  const host = subscribe.map((filter) => levelsOf(filter, ["spBv1.0", "STATE", undefined])).find(Boolean)?.[2];
  const status = publish.find((filter) => filter.endsWith("/status") && !/[+#]/.test(filter));
  const prefix = status?.slice(0, -"/status".length);
  return {
    version: 1,
    brokers,
    ...(prefix !== undefined && publish.includes(`${prefix}/event/#`) && { prefix }),
    ...(group !== undefined && {
      sparkplug: { group, ...(host !== undefined && host !== "+" && { primaryHost: host }) },
    }),
  };
};

/** The filter's levels if they are these; undefined stands for any. */
const levelsOf = (filter: string, wanted: readonly (string | undefined)[]): readonly string[] | undefined => {
  const levels = filter.split("/");
  const same =
    levels.length === wanted.length && wanted.every((level, i) => level === undefined || level === levels[i]);
  return same ? levels : undefined;
};

/** What an image for `site` must say of itself. */
export const edgeImage = (
  site: Site,
  image: Pick<EdgeImage, "deviceClass" | "architecture" | "imageVersion" | "builtAt" | "updateKeys" | "queue">,
): EdgeImage => ({
  version: 1,
  site: site.name,
  host: site.host,
  ...image,
  devices: site.identities.filter(({ kind }) => kind === "edge").map(({ name }) => name),
});

/** What is signed of an update: the exact text of this as JSON. */
export interface UpdateManifest {
  readonly format: 1;
  readonly site: string;
  readonly deviceClass: string;
  /** As `EdgeImage.architecture`. @default "x86_64" */
  readonly architecture?: Architecture;
  /** As `EdgeImage.imageVersion`; must be newer than the running one. */
  readonly version: string;
  /** Of the slot image, hex. */
  readonly sha256: string;
  /** Bytes of the slot image. */
  readonly size: number;
}

/** A manifest with its signature: Ed25519 over the UTF-8 bytes of `manifest`, base64. */
export interface SignedUpdate {
  /** `UpdateManifest` as JSON, byte for byte as it was signed. */
  readonly manifest: string;
  readonly signature: string;
}

/** What operators announce to a device: on `<prefix>/cmd/update`, or as the metric `Node Control/Update` of an NCMD. */
export interface UpdateAnnouncement extends SignedUpdate {
  /** Devices whose stable share (`shardOf(name, 100)`) is below this take it; 0 to 100. */
  readonly percent: number;
}

/** What became of an update: the root-side installer leaves it in `<spool>/result.json`, the agent says what it refuses itself. */
export interface UpdateResult {
  /** Of a refused one as it was announced, or `unknown`: its signature may be nobody's. */
  readonly version: string;
  readonly outcome: "installed" | "refused" | "fell-back" | "confirmed";
  /** In words, for a refusal or a fall-back. */
  readonly reason?: string;
  /** When it was refused: device time, ISO 8601. By it one refusal of a version is told from the next. */
  readonly time?: string;
}

/** What the boot side knows of the running slot. */
export interface SlotHealth {
  readonly slot: "a" | "b";
  readonly state: "trying" | "good";
}

import { open } from "node:fs/promises";
import type { MqttClient } from "mqtt";
import type { Versions } from "../../edge-image/agent/report";
import { CHUNK_BYTES, type ChunkRequest, encodeChunk } from "../../edge-image/agent/update/chunks";
import { compareVersions } from "../../policy/compare-versions";
import { isImageVersion } from "../../policy/image-version";
import type { ReadUpdate } from "./read-update";
import type { UpdateDevice } from "./update-devices";
import { type Outgoing, type UpdateTopics, updateTopics } from "./update-topics";

/** What happens to an update on a device. */
export type UpdateEvent =
  | { readonly event: "announced" | "fetched" | "running"; readonly device: string }
  | { readonly event: "fetching"; readonly device: string; readonly percent: number }
  | { readonly event: "failed"; readonly device: string; readonly reason: string };

export interface ServeUpdateProps {
  readonly client: MqttClient;
  readonly devices: readonly UpdateDevice[];
  readonly update: ReadUpdate;
  /** 0 to 100; each device decides by it for itself once more. */
  readonly percent: number;
  readonly onEvent: (event: UpdateEvent) => void;
  /** How long a device may take to ask for something after it was told for the last time, ms. @default 600000 */
  readonly patienceMs?: number;
}

/** A device that connects again and again without taking the update is told no more often than this. */
const MOST_ANNOUNCEMENTS = 5;

/** How long it may take to ask for something after it was told for the last time, ms. */
const PATIENCE_MS = 600_000;

interface Told {
  readonly device: UpdateDevice;
  readonly topics: UpdateTopics;
  /** Since it last got further with the image. */
  announcements: number;
  /** Bytes of the image that it has asked for and got. */
  reached: number;
  patience?: NodeJS.Timeout;
  percent: number;
  state: "asked" | "running" | "failed";
  wasTold: boolean;
  /** When it refused the version before it was told of it here. */
  refusedBefore?: string;
}

/**
 * Announces an update to the devices that run something older, and serves the pieces that they ask for, one at a time, so
 * that the broker's limits hold and the broker stays free for telemetry. Devices say which version they run whenever they
 * connect: one that comes later is told then, and one that fell back from this version is not told again.
 *
 * @returns names of devices that failed it, when every device that is told runs the version or failed it, or `signal` aborts
 */
export async function serveUpdate(props: ServeUpdateProps, signal: AbortSignal): Promise<readonly string[]> {
  const { client, devices, update, percent, onEvent, patienceMs = PATIENCE_MS } = props;
  const { manifest, signed } = update;
  const told = devices.map((device): Told => ({
    device,
    topics: updateTopics(device),
    announcements: 0,
    reached: 0,
    percent: -1,
    state: "asked",
    wasTold: false,
  }));
  const byTopic = new Map(told.flatMap((each) => each.topics.subscribe.map((topic) => [topic, each] as const)));
  const wanted = new Map<Told, ChunkRequest>();
  let wake: () => void = () => undefined;
  const isOver = (): boolean =>
    signal.aborted || told.every(({ device, state }) => !device.isTold || state !== "asked");

  const send = ({ topic, payload, qos }: Outgoing): void => {
    // A connection that ends takes it along: the device asks again.
    client.publish(topic, payload, { qos }, () => undefined);
  };
  const fail = (each: Told, reason: string): void => {
    if (each.state !== "failed") onEvent({ event: "failed", device: each.device.name, reason });
    each.state = "failed";
    wake();
  };
  const giveUp = (each: Told): void => fail(each, `it was told ${MOST_ANNOUNCEMENTS} times without effect`);
  const heard = (each: Told, { image, deviceClass, lastUpdate }: NonNullable<VersionsSaid>): void => {
    if (!each.device.isTold || !isImageVersion(image) || deviceClass !== manifest.deviceClass) return;
    const { name } = each.device;
    const refusedAt =
      lastUpdate?.version === manifest.version && lastUpdate.outcome === "refused" ? lastUpdate.time : undefined;
    if (compareVersions(image, manifest.version) >= 0) {
      if (each.state !== "running") onEvent({ event: "running", device: name });
      each.state = "running";
    } else if (lastUpdate?.version === manifest.version && lastUpdate.outcome === "fell-back") {
      fail(each, lastUpdate.reason ?? "it fell back");
    } else if (refusedAt !== undefined && refusedAt !== each.refusedBefore && each.wasTold) {
      fail(each, lastUpdate?.reason ?? "it refused it");
    } else if (each.announcements < MOST_ANNOUNCEMENTS) {
      if (!each.wasTold) each.refusedBefore = refusedAt;
      each.wasTold = true;
      each.announcements += 1;
      send(each.topics.announce({ ...signed, percent }));
      onEvent({ event: "announced", device: name });
      clearTimeout(each.patience);
      if (each.announcements === MOST_ANNOUNCEMENTS) each.patience = setTimeout(giveUp, patienceMs, each);
    } else giveUp(each);
  };
  /** It takes the update after all: what it was told had its effect. */
  const moved = (each: Told, { offset, length }: ChunkRequest): void => {
    if (offset + length <= each.reached) return;
    each.reached = offset + length;
    each.announcements = 0;
    if (each.state === "failed") each.state = "asked";
    clearTimeout(each.patience);
  };
  const onMessage = (topic: string, payload: Buffer): void => {
    const each = byTopic.get(topic);
    if (!each) return;
    try {
      const { versions, wants } = each.topics.read(topic, payload);
      if (versions) heard(each, versions);
      // The newest question of a device counts: it asks again for what did not come.
      if (wants && isPiece(wants, update)) {
        moved(each, wants);
        wanted.set(each, wants);
      }
    } catch {
      // Not JSON, not Sparkplug: a device's own affair.
      return;
    }
    wake();
  };
  const begin = async (): Promise<void> => {
    await client.subscribeAsync([...byTopic.keys()], { qos: 1 });
    for (const { topics, device } of told) if (topics.ask && device.isTold) send(topics.ask);
  };
  const beginAgain = (): void => void begin().catch(() => undefined);

  const file = await open(update.file, "r");
  const serve = async (each: Told, { sha256, offset, length }: ChunkRequest): Promise<void> => {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    if (bytesRead < length) throw new Error(`${update.file}: became shorter while it was served`);
    const { topic, payload, qos } = each.topics.chunk(encodeChunk({ sha256, offset, bytes }));
    await client.publishAsync(topic, payload, { qos }).catch(() => undefined);
    const done = Math.floor((100 * (offset + length)) / manifest.size);
    if (done === 100) onEvent({ event: "fetched", device: each.device.name });
    else if (done >= each.percent + 10) onEvent({ event: "fetching", device: each.device.name, percent: done });
    else return;
    each.percent = done;
  };
  const stop = (): void => wake();
  signal.addEventListener("abort", stop);
  client.on("message", onMessage);
  client.on("connect", beginAgain);
  try {
    await begin();
    while (!isOver()) {
      const [next] = wanted;
      if (next) {
        // Whoever asks next waits behind all that ask now.
        wanted.delete(next[0]);
        await serve(...next);
      } else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    for (const { patience } of told) clearTimeout(patience);
    signal.removeEventListener("abort", stop);
    client.off("message", onMessage);
    client.off("connect", beginAgain);
    await file.close();
  }
  return told.filter(({ state }) => state === "failed").map(({ device }) => device.name);
}

type VersionsSaid = Pick<Versions, "image" | "deviceClass" | "lastUpdate"> | undefined;

/** Is it a piece of this image, no larger than devices ask for? */
function isPiece({ sha256, offset, length }: ChunkRequest, { manifest }: ReadUpdate): boolean {
  return (
    sha256 === manifest.sha256 &&
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length > 0 &&
    length <= CHUNK_BYTES &&
    offset + length <= manifest.size
  );
}

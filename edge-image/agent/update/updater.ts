import { mkdir, open, readFile, rename, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type EdgeImage,
  type UpdateAnnouncement,
  type UpdateManifest,
  UPDATE_FILES,
  type UpdateResult,
} from "../../../policy/edge-device";
import { compareVersions } from "../../../policy/compare-versions";
import { shardOf } from "../../../policy/shard";
import { replaceFile } from "../../../vault/atomic-file";
import { claimedVersion } from "../../update/claimed-version";
import { AgentFault } from "../agent-fault";
import type { Health } from "../health";
import type { Log } from "../log";
import { type Chunk, CHUNK_BYTES, type ChunkRequest, decodeChunk } from "./chunks";
import { verifyManifest } from "./verify-manifest";
import { verifyUpdate } from "./verify-update";

/** Takes announcements of updates and the pieces of their images. */
export interface Updater {
  /** `UpdateAnnouncement` as JSON. @throws AgentFault when it is refused */
  announced(payload: Buffer): void;
  /** A piece of the image, as `chunks.ts` has it. What was not asked for is ignored. */
  chunk(payload: Buffer): void;
  /** A connection is there: what is missing is asked for until it is gone. */
  connected(request: (wanted: ChunkRequest) => void, gone: AbortSignal): void;
  /** The last announcement, if it was refused: who announced it waits for this device otherwise. */
  refusal(): UpdateResult | undefined;
}

export interface UpdaterProps {
  /** The spool. */
  readonly folder: string;
  readonly name: string;
  readonly image: EdgeImage;
  readonly health: Health;
  readonly log: Log;
  /** Device time, ms since 1970. */
  readonly now: () => number;
  /** How long an answer may take before the same is asked again, ms. @default 30000 */
  readonly askAgainMs?: number;
}

/** Left free on the data partition: the queue goes on while an image is fetched. */
const SPARE_BYTES = 32 * 1024 * 1024;

interface Download {
  readonly manifest: UpdateManifest;
  offset: number;
}

/**
 * Fetches an announced image piece by piece over the device's own MQTT connection, and hands it to the installer when all
 * of it is there and verified. It goes on where it stopped, after a lost connection as after a power cut.
 */
export function createUpdater(props: UpdaterProps): Updater {
  const { folder, name, image, health, log, now, askAgainMs = 30_000 } = props;
  const incoming = join(folder, "incoming");
  const ready = join(folder, "ready");
  let download: Download | undefined;
  let refusal: UpdateResult | undefined;
  let request: ((wanted: ChunkRequest) => void) | undefined;
  let again: NodeJS.Timeout | undefined;
  let work: Promise<void> = Promise.resolve();
  const refused = (version: string, error: unknown): unknown => {
    refusal = { version, outcome: "refused", reason: wordsOf(error), time: new Date(now()).toISOString() };
    return error;
  };

  const answering = (version: string, done: Promise<void>): Promise<void> =>
    done.catch((error: unknown) => {
      throw refused(version, error);
    });

  const enqueue = (task: () => Promise<void>): void => {
    work = work.then(task).catch((error: unknown) => health.raise("update", wordsOf(error)));
  };

  const ask = (): void => {
    clearTimeout(again);
    if (!download || !request) return;
    const { manifest, offset } = download;
    request({ sha256: manifest.sha256, offset, length: Math.min(CHUNK_BYTES, manifest.size - offset) });
    again = setTimeout(ask, askAgainMs).unref();
  };

  const begin = async (announcement: UpdateAnnouncement, manifest: UpdateManifest): Promise<void> => {
    refusal = undefined;
    if (download?.manifest.sha256 === manifest.sha256) return ask();
    const last = await readResult(join(folder, UPDATE_FILES.result));
    if (last?.version === manifest.version && (last.outcome === "installed" || last.outcome === "fell-back"))
      throw new AgentFault(
        "update",
        `the update was refused: version ${manifest.version} was installed already, and ${image.imageVersion} runs; build a higher version`,
      );
    if (download && compareVersions(manifest.version, download.manifest.version) < 0)
      return log("info", "update", `version ${manifest.version} is older than the one that is fetched`);
    const signed = { manifest: announcement.manifest, signature: announcement.signature };
    if (await exists(join(ready, UPDATE_FILES.update)))
      return log("info", "update", `version ${manifest.version} waits: the installer has one to take first`);
    // What the installer said of an earlier attempt says nothing of this one.
    if (last?.outcome === "refused") await rm(join(folder, UPDATE_FILES.result), { force: true });
    const known = await readFile(join(incoming, UPDATE_FILES.update), "utf8").catch(() => "");
    const { bsize, bavail } = await statfs(folder);
    if (known !== JSON.stringify(signed)) {
      await rm(incoming, { recursive: true, force: true });
      if (bsize * bavail < manifest.size + SPARE_BYTES)
        throw new AgentFault(
          "update",
          `the update was refused: its ${manifest.size} bytes do not fit on the data partition`,
        );
      await mkdir(incoming, { recursive: true, mode: 0o700 });
      await writeFile(join(incoming, UPDATE_FILES.image), "");
      await replaceFile(join(incoming, UPDATE_FILES.update), JSON.stringify(signed));
    }
    const { size } = await stat(join(incoming, UPDATE_FILES.image));
    download = { manifest, offset: Math.min(size, manifest.size) };
    log("info", "update", `fetching version ${manifest.version}, ${manifest.size} bytes, from byte ${download.offset}`);
    if (download.offset === manifest.size) return finish(download);
    ask();
  };

  const append = async (payload: Buffer): Promise<void> => {
    const chunk = decodeChunk(payload);
    if (!chunk || !download || chunk.sha256 !== download.manifest.sha256 || chunk.offset !== download.offset) return;
    if (chunk.bytes.length > Math.min(CHUNK_BYTES, download.manifest.size - chunk.offset)) return;
    await answering(download.manifest.version, store(download, chunk));
  };

  const store = async (to: Download, chunk: Chunk): Promise<void> => {
    try {
      await writeAt(join(incoming, UPDATE_FILES.image), chunk.bytes, chunk.offset);
    } catch (error) {
      // A disk that does not take it: asked for again and again it would not fit any better. The next announcement goes on here.
      clearTimeout(again);
      download = undefined;
      throw error;
    }
    to.offset += chunk.bytes.length;
    if (to.offset < to.manifest.size) ask();
    else await finish(to);
  };

  const finish = async ({ manifest }: Download): Promise<void> => {
    clearTimeout(again);
    download = undefined;
    try {
      await verifyUpdate(incoming, image);
    } catch (error) {
      // The bytes are no good: the next announcement begins anew.
      await rm(incoming, { recursive: true, force: true });
      throw error;
    }
    const handle = await open(join(incoming, UPDATE_FILES.image), "r+");
    await handle.sync();
    await handle.close();
    await rm(ready, { recursive: true, force: true });
    await rename(incoming, ready);
    health.clear("update");
    log("info", "update", `version ${manifest.version} is verified and handed to the installer`);
  };

  return {
    announced: (payload) => {
      const announcement = parse(payload);
      let manifest: UpdateManifest;
      try {
        manifest = verifyAnnouncement(announcement, image);
      } catch (error) {
        throw refused(claimedVersion(announcement), error);
      }
      if (shardOf(name, 100) >= announcement.percent)
        return log(
          "info",
          "update",
          `version ${manifest.version} is not for this device yet: ${announcement.percent} % get it`,
        );
      enqueue(() => answering(manifest.version, begin(announcement, manifest)));
    },
    chunk: (payload) => enqueue(() => append(payload)),
    connected: (send, gone) => {
      request = send;
      gone.addEventListener("abort", () => {
        request = undefined;
        clearTimeout(again);
      });
      ask();
    },
    refusal: () => refusal,
  };
}

function parse(payload: Buffer): UpdateAnnouncement {
  try {
    return (JSON.parse(payload.toString()) as UpdateAnnouncement | null) ?? ({} as UpdateAnnouncement);
  } catch {
    throw new AgentFault("update", "the update was refused: its announcement must be JSON");
  }
}

function verifyAnnouncement(announcement: UpdateAnnouncement, image: EdgeImage): UpdateManifest {
  const manifest = verifyManifest(announcement, image);
  if (!(announcement.percent >= 0 && announcement.percent <= 100))
    throw new AgentFault("update", "the update was refused: 'percent' must be from 0 to 100");
  return manifest;
}

const wordsOf = (error: unknown): string =>
  error instanceof AgentFault ? error.message : `the update failed: ${String(error)}`;

/** All of it, or an error: what is left out would be a hole in the image. */
async function writeAt(path: string, bytes: Buffer, position: number): Promise<void> {
  const handle = await open(path, "r+");
  try {
    for (let done = 0; done < bytes.length;)
      done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  } finally {
    await handle.close();
  }
}

/** What became of the last update; a device that tries again what failed would restart for ever. */
const readResult = (path: string): Promise<Partial<UpdateResult> | undefined> =>
  readFile(path, "utf8")
    .then((text) => Object(JSON.parse(text)) as Partial<UpdateResult>)
    // None, or a damaged one: then nothing is known against the update.
    .catch(() => undefined);

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

import { CompleteSnapshotCommand, EBSClient, PutSnapshotBlockCommand, StartSnapshotCommand } from "@aws-sdk/client-ebs";
import { createHash } from "node:crypto";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { type AwsRequest, callAws } from "../call-aws";
import { CommandError } from "../command-error";
import { BLOCK_BYTES, type SnapshotBlock, snapshotBlocks } from "./snapshot-blocks";

export interface UploadSnapshotProps {
  /** Raw disk image. */
  readonly file: string;
  /** Its SHA-256, hex. */
  readonly sha256: string;
  readonly region: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** KMS key that encrypts the snapshot. @default what the account does by default */
  readonly kmsKey?: string;
  readonly onProgress?: (line: string) => void;
}

/** A snapshot that holds the image. */
export interface UploadedSnapshot {
  readonly snapshot: string;
  /** Blocks with something in them, of `BLOCK_BYTES` each. */
  readonly blocks: number;
  /** Blocks of an earlier attempt that were not sent again. */
  readonly resumed: number;
  /** `pending` becomes `completed` by itself, within minutes. */
  readonly status: string;
}

/** What an attempt that was cut off leaves beside the image. */
interface Attempt {
  readonly version: 1;
  readonly of: string;
  readonly snapshot: string;
  /** Every block below is there. */
  readonly below: number;
}

/** Sent at once: what fills a line without straining it. */
const AT_ONCE = 8;

/** Minutes without a block after which AWS gives an unfinished snapshot up. */
const TIMEOUT_MINUTES = 60;

const GIB = 1024 ** 3;

/** Where an attempt that was cut off says how far it came. */
export const attemptFile = (file: string): string => `${file}.upload.json`;

/**
 * Writes a disk image into an EBS snapshot by the EBS direct APIs: no bucket, no import role, and nobody who looks into the
 * disk. Each block goes with its SHA-256, and the snapshot is completed with the SHA-256 over these: AWS refuses what it
 * did not get as it was sent. An attempt that is cut off goes on where it stopped; one that AWS has given up begins anew.
 *
 * @throws CommandError in words when AWS is not to be had, does not permit it, or got something else than was sent
 */
export async function uploadSnapshot(props: UploadSnapshotProps): Promise<UploadedSnapshot> {
  const former = await readAttempt(props);
  if (former === undefined) return uploadTo(props, await start(props), 0);
  try {
    return await uploadTo(props, former.snapshot, former.below);
  } catch (error) {
    if (!isGone(error)) throw error;
    props.onProgress?.(`${former.snapshot} was given up: beginning anew`);
    return uploadTo(props, await start(props), 0);
  }
}

async function uploadTo(props: UploadSnapshotProps, snapshot: string, from: number): Promise<UploadedSnapshot> {
  const { file, region, onProgress } = props;
  const ebs = new EBSClient({ region, maxAttempts: 5 });
  const request = (action: string): AwsRequest => ({
    service: "Amazon EBS",
    region,
    right: `ebs:${action} on the snapshot`,
  });
  const put = async ({ index, bytes, sha256 }: SnapshotBlock): Promise<void> => {
    const command = new PutSnapshotBlockCommand({
      SnapshotId: snapshot,
      BlockIndex: index,
      BlockData: bytes,
      DataLength: bytes.length,
      Checksum: sha256.toString("base64"),
      ChecksumAlgorithm: "SHA256",
    });
    await callAws(request("PutSnapshotBlock"), () => ebs.send(command));
  };
  const [all, whole] = [createHash("sha256"), createHash("sha256")];
  const total = Math.ceil((await stat(file)).size / BLOCK_BYTES);
  let batch: SnapshotBlock[] = [];
  let [blocks, resumed] = [0, 0];
  const flush = async (): Promise<void> => {
    const last = batch.at(-1);
    if (!last) return;
    // All of them are waited for, so that none is still under way when this has failed.
    const sent = await Promise.allSettled(batch.map(put));
    const failed = sent.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
    batch = [];
    await writeAttempt(props, { snapshot, below: last.index + 1 });
    onProgress?.(`${last.index + 1} of ${total} blocks`);
  };
  for await (const block of snapshotBlocks(file, whole)) {
    all.update(block.sha256);
    blocks += 1;
    if (block.index < from) {
      resumed += 1;
      continue;
    }
    batch.push(block);
    if (batch.length === AT_ONCE) await flush();
  }
  await flush();
  if (whole.digest("hex") !== props.sha256) {
    await rm(attemptFile(file), { force: true });
    throw new CommandError(`${file}: was changed while it was uploaded`, `${snapshot} is not completed; publish again`);
  }
  const complete = new CompleteSnapshotCommand({
    SnapshotId: snapshot,
    ChangedBlocksCount: blocks,
    Checksum: all.digest("base64"),
    ChecksumAlgorithm: "SHA256",
    ChecksumAggregationMethod: "LINEAR",
  });
  const { Status: status = "pending" } = await callAws(request("CompleteSnapshot"), () => ebs.send(complete));
  await rm(attemptFile(file), { force: true });
  if (status === "error")
    throw new CommandError(`${snapshot}: AWS could not complete it`, "delete it, and publish the image again");
  return { snapshot, blocks, resumed, status };
}

async function start({ file, region, description, tags, kmsKey, sha256 }: UploadSnapshotProps): Promise<string> {
  const { size } = await stat(file);
  const command = new StartSnapshotCommand({
    VolumeSize: Math.ceil(size / GIB),
    Description: description,
    Tags: Object.entries({ ...tags, sha256 }).map(([Key, Value]) => ({ Key, Value })),
    Timeout: TIMEOUT_MINUTES,
    ...(kmsKey !== undefined && { Encrypted: true, KmsKeyArn: kmsKey }),
  });
  const request = { service: "Amazon EBS", region, right: "ebs:StartSnapshot, with the site's tags" };
  const { SnapshotId } = await callAws(request, () => new EBSClient({ region }).send(command));
  if (SnapshotId === undefined) throw new CommandError("Amazon EBS began no snapshot", "try again");
  await writeAttempt(
    { file, region, sha256, ...(kmsKey !== undefined && { kmsKey }) },
    { snapshot: SnapshotId, below: 0 },
  );
  return SnapshotId;
}

/** What an attempt is of: the same bytes, in the same place, under the same key. */
const kindOf = ({ sha256, region, kmsKey = "" }: Pick<UploadSnapshotProps, "sha256" | "region" | "kmsKey">): string =>
  `${region} ${sha256} ${kmsKey}`;

type Of = Pick<UploadSnapshotProps, "file" | "sha256" | "region" | "kmsKey">;

const writeAttempt = (props: Of, { snapshot, below }: Pick<Attempt, "snapshot" | "below">): Promise<void> =>
  writeFile(
    attemptFile(props.file),
    JSON.stringify({ version: 1, of: kindOf(props), snapshot, below } satisfies Attempt),
  );

async function readAttempt(props: Of): Promise<Attempt | undefined> {
  try {
    const attempt = JSON.parse(await readFile(attemptFile(props.file), "utf8")) as Attempt;
    return attempt.version === 1 && attempt.of === kindOf(props) ? attempt : undefined;
  } catch {
    // None, or one that was cut off while it was written: the snapshot is given up, as AWS does by itself.
    return undefined;
  }
}

/** Is the snapshot of an earlier attempt not to be written to any more? */
const isGone = (error: unknown): boolean =>
  error instanceof Error && /^(ResourceNotFoundException|ValidationException|ConflictException)$/.test(error.name);

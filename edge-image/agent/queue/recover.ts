import { open, readdir, readFile, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { newer } from "./claim-queue";
import type { QueueState, ReportEvent, Segment } from "./queue-state";
import { decodeAt, findRecord } from "./record";
import { baseOf, decodeHeader, HEADER } from "./segment-header";
import { setAside } from "./set-aside";

/**
 * Reads where a queue stood when its process ended, however it ended. The segments' heads tell what each holds; only the
 * last one is read as a whole, and what a power cut tore off its end is set aside. It is never written to again: a new
 * process begins a new segment.
 * @throws AgentFault when a segment is of a newer version; nothing was touched then
 */
export async function recover(folder: string, report: ReportEvent): Promise<QueueState> {
  const names = (await readdir(folder)).filter((name) => baseOf(name) !== undefined).sort();
  const segments: Segment[] = [];
  let acknowledged = 0;
  for (const name of names) {
    const path = join(folder, name);
    const header = decodeHeader(await readHead(path));
    if (header !== "damaged" && "newer" in header) throw newer(path, header.newer);
    if (header !== "damaged") acknowledged = Math.max(acknowledged, header.acknowledged);
    segments.push({ base: baseOf(name)!, path, bytes: (await stat(path)).size });
  }
  const last = segments.at(-1);
  const state: QueueState = { folder, segments, nextSeq: last?.base ?? 0, acknowledged };
  if (last) await readLast(last, state, report);
  // A segment is only removed when all of it was acknowledged, or dropped and reported: the note of it may be lost.
  state.acknowledged = Math.min(Math.max(state.acknowledged, segments[0]?.base ?? 0), state.nextSeq);
  await removeDone(state);
  return state;
}

async function readHead(path: string): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER), 0, HEADER, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Finds the last whole message and the last note of what was acknowledged, whatever lies between. */
async function readLast(segment: Segment, state: QueueState, report: ReportEvent): Promise<void> {
  const bytes = await readFile(segment.path);
  const headed = decodeHeader(bytes) !== "damaged";
  let end = headed ? HEADER : 0;
  for (let at: number | undefined = HEADER; at !== undefined && at < bytes.length;) {
    const found = decodeAt(bytes, at);
    if (typeof found === "string") {
      at = findRecord(bytes, at + 1);
      continue;
    }
    if (found.entry.kind === "message") state.nextSeq = Math.max(state.nextSeq, found.entry.message.seq + 1);
    else state.acknowledged = Math.max(state.acknowledged, found.entry.seq);
    at = end = found.next;
  }
  if (end === bytes.length) return;
  const aside = await setAside(state.folder, segment.path, end, bytes.subarray(end)).catch(() => undefined);
  report({ kind: "torn", path: segment.path, bytes: bytes.length - end, aside: aside ?? "" });
  if (aside === undefined && end > 0) {
    // No room for a copy: it stays where it is, behind what is read, and the queue goes on to make room.
    segment.bytes = end;
    return;
  }
  if (end === 0) {
    // Not even its head was written.
    state.segments.pop();
    await rm(segment.path);
    return;
  }
  await truncate(segment.path, end);
  segment.bytes = end;
}

/** Removes segments of which every message was acknowledged, but for one that still may be written to. */
export async function removeDone(state: QueueState, writing?: Segment): Promise<void> {
  for (let first = state.segments[0]; first && first !== writing; first = state.segments[0]) {
    const end = state.segments[1]?.base ?? state.nextSeq;
    if (end > state.acknowledged) return;
    // The last one alone remembers how far the numbers went.
    if (state.segments.length === 1) return;
    state.segments.shift();
    await rm(first.path, { force: true });
  }
}

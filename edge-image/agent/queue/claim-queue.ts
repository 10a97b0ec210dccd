import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../../vault/atomic-file";
import { AgentFault } from "../agent-fault";
import { QUEUE_VERSION } from "./segment-header";

/** Whose messages a queue holds. */
export interface QueueOwner {
  readonly site: string;
  readonly device: string;
}

/** The file that says which format a queue folder has, and whose it is. */
export const FORMAT_FILE = "format.json";

/**
 * Makes sure that the folder's queue is one that this agent can read, and this device's, before anything in it is touched.
 * A new folder is claimed for `owner`.
 * @throws AgentFault with what to do; the queue is as it was then
 */
export async function claimQueue(folder: string, owner: QueueOwner): Promise<void> {
  const path = join(folder, FORMAT_FILE);
  let text: string | undefined;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  if (text === undefined) {
    await replaceFile(path, JSON.stringify({ version: QUEUE_VERSION, ...owner }));
    return;
  }
  const { version, site, device } = parse(text);
  if (typeof version === "number" && version > QUEUE_VERSION) throw newer(path, version);
  if (version !== QUEUE_VERSION)
    throw new AgentFault(
      "queue-damaged",
      `${path}: must be JSON with version ${QUEUE_VERSION}, site and device; the queue was left as it is: ` +
        `write {"version":1,"site":"${owner.site}","device":"${owner.device}"} if its messages are this device's`,
    );
  if (site !== owner.site || device !== owner.device)
    throw new AgentFault(
      "queue-foreign",
      `${folder}: holds messages of '${String(device)}' of site '${String(site)}', but the bundle is for '${owner.device}' of ` +
        `'${owner.site}'; put that device's bundle back, or move the folder away. Nothing in it was touched`,
    );
}

/** The fault of a queue that a newer agent wrote. */
export const newer = (path: string, version: number): AgentFault =>
  new AgentFault(
    "queue-version",
    `${path}: was written by a newer agent (queue version ${version}, this one reads up to ${QUEUE_VERSION}); start the newer ` +
      `image again, or move the folder away. Nothing in it was touched, and no message is accepted until then`,
  );

function parse(text: string): Partial<Record<string, unknown>> {
  try {
    return (JSON.parse(text) as Partial<Record<string, unknown>> | null) ?? {};
  } catch {
    return {};
  }
}

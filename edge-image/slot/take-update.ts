import { rmSync } from "node:fs";
import { join } from "node:path";
import { UPDATE_FILES, type UpdateResult } from "../../policy/edge-device";
import { claimedVersion } from "../update/claimed-version";
import { UpdateRefused } from "../update/update-refused";
import { readSigned } from "./read-signed";

export interface TakeUpdateProps {
  /** Folder of the update; it is gone afterwards, whatever became of it, if it can be removed. */
  readonly ready: string;
  /** @returns the version that will be tried at the next start */
  readonly install: () => string;
  /** Leaves for the agent what became of the update. */
  readonly result: (result: UpdateResult) => void;
  readonly say: (text: string) => void;
  readonly restart: () => void;
}

/**
 * Installs the update that lies ready and starts the machine again, or says why not.
 * @throws what went wrong, if it was not that the update was refused: the service then failed
 */
export function takeUpdate({ ready, install, result, say, restart }: TakeUpdateProps): void {
  // A data partition that is full takes no word of it: neither a fault nor the restart may be lost for that.
  const leave = (outcome: UpdateResult): void => {
    try {
      result(outcome);
    } catch (error) {
      say(`what became of the update could not be written: ${wordsOf(error)}`);
    }
  };
  let version: string;
  try {
    version = install();
  } catch (error) {
    // Whatever it was, those who announced the update hear of it.
    leave({
      version: versionOf(ready),
      outcome: "refused",
      reason: wordsOf(error),
      time: new Date().toISOString(),
    });
    if (!(error instanceof UpdateRefused)) throw error;
    return;
  } finally {
    // Taken or refused: it is not looked at again. A data partition that became read-only keeps it, and nothing from starting
    // what was installed: what runs then refuses it, where this one would write it again and again.
    try {
      rmSync(ready, { recursive: true, force: true });
    } catch (error) {
      say(`the update could not be taken away: ${wordsOf(error)}`);
    }
  }
  leave({ version, outcome: "installed" });
  restart();
}

/** By it those who announced it know that this is the answer. */
const versionOf = (ready: string): string => {
  try {
    return claimedVersion(readSigned(join(ready, UPDATE_FILES.update)));
  } catch {
    return claimedVersion(undefined);
  }
};

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

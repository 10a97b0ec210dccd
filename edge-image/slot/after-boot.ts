import type { EdgeImage, SlotHealth, UpdateResult } from "../../policy/edge-device";
import { compareVersions } from "../../policy/compare-versions";
import type { BootPartition } from "./boot-partition";

export interface AfterBootProps {
  readonly image: EdgeImage;
  /** The slot that this system was started from. */
  readonly slot: SlotHealth["slot"];
  readonly boot: <Result>(use: (boot: BootPartition) => Result) => Result;
  /** Resolves with true when the agent has a session at the broker, with false when its time is up. */
  readonly connected: () => Promise<boolean>;
  readonly health: (health: SlotHealth) => void;
  readonly result: (result: UpdateResult) => void;
  /** Starts the machine again: the boot loader then takes one try from this slot. */
  readonly restart: () => void;
}

/**
 * Looks after the slots once the system is up: keeps the one on trial when the agent connects, starts again when it does
 * not, and says so when this is what was fallen back to.
 */
export const afterBoot = async (props: AfterBootProps): Promise<void> => {
  const { image, slot, boot, connected, health, result, restart } = props;
  const running = image.imageVersion;
  const onTrial = boot((partition) =>
    partition.entries().some(({ version, triesLeft }) => version === running && triesLeft !== undefined),
  );
  if (!onTrial) {
    const failed = boot((partition) => {
      partition.mendCounts();
      // One with attempts left was written a moment ago: the next start tries it.
      const given = partition
        .entries()
        .filter(({ version, triesLeft }) => compareVersions(version, running) > 0 && triesLeft === 0);
      for (const { file } of given) partition.remove(file);
      return given.map(({ version }) => version);
    });
    health({ slot, state: "good" });
    for (const version of failed) {
      const reason = `the agent of version ${version} did not connect in any of its attempts`;
      result({ version, outcome: "fell-back", reason });
    }
    return;
  }
  health({ slot, state: "trying" });
  if (!(await connected())) return restart();
  boot((partition) => {
    const entries = partition.entries();
    for (const entry of entries) if (entry.version === running) partition.confirm(entry);
    // The other slot stays, as what to fall back to by hand; it is overwritten by the next update.
  });
  health({ slot, state: "good" });
  result({ version: running, outcome: "confirmed" });
};

import { setTimeout as sleep } from "node:timers/promises";

import type { Vault } from "./vault";

export interface WaitForAccessProps {
  /** How long refusals are taken for propagation, in milliseconds. @default one minute */
  readonly limit?: number;
  /** Pause between two attempts, in milliseconds. @default 3000 */
  readonly pause?: number;
  /** Told of every refused attempt, so that an apply that waits says why. */
  readonly onWait?: (waiting: { readonly reason: string; readonly secondsLeft: number }) => void;
}

/** What Secrets Manager, KMS behind it, and DynamoDB call a missing permission. */
const REFUSALS = new Set(["AccessDeniedException", "AccessDenied"]);

/**
 * A vault that takes AccessDenied for permissions that have not spread yet, and tries again for a minute. IAM is
 * eventually consistent: what `terraform apply` invokes right after it created the role needs this, nothing else does.
 * @throws the last refusal when the minute (counted from the first refusal) is over; every other error at once.
 */
export const waitForAccess = (vault: Vault, props: WaitForAccessProps = {}): Vault => {
  const { limit = 60_000, pause = 3_000, onWait } = props;
  let deadline: number | undefined;

  const patiently = async <T>(attempt: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Error) || !REFUSALS.has(error.name)) throw error;
        const now = performance.now();
        deadline ??= now + limit;
        if (now >= deadline) throw error;
        onWait?.({ reason: error.message, secondsLeft: Math.ceil((deadline - now) / 1000) });
        await sleep(Math.min(pause, deadline - now));
      }
    }
  };

  return {
    read: (secret, versionId) => patiently(() => vault.read(secret, versionId)),
    create: (secret, value) => patiently(() => vault.create(secret, value)),
    write: (secret, value) => patiently(() => vault.write(secret, value)),
    readManifest: (document) => patiently(() => vault.readManifest(document)),
    writeManifest: (document, manifest) => patiently(() => vault.writeManifest(document, manifest)),
  };
};

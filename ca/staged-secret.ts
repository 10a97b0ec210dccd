/**
 * One rotated secret with its staging labels, as the four steps of a rotation need it. A label is on one version at a
 * time: AWSCURRENT is served, AWSPENDING is on its way there.
 */
export interface StagedSecret {
  readonly name: string;
  /** Whether rotation is on, and which labels each version has. A version may have labels and no value yet. */
  describe(): Promise<{ readonly rotationEnabled: boolean; readonly stages: ReadonlyMap<string, readonly string[]> }>;
  /** @returns the value that has the label (of this very version, if named), or undefined. */
  read(stage: "AWSCURRENT" | "AWSPENDING", versionId?: string): Promise<string | undefined>;
  /** Fills the version with its value and labels it AWSPENDING. Repeatable with the same value. */
  putPending(versionId: string, value: string): Promise<void>;
  /** Takes AWSPENDING from the version: Secrets Manager begins no other rotation while it is there. */
  discard(versionId: string): Promise<void>;
  /** Moves AWSCURRENT from one version to another, in one step. */
  promote(from: string, to: string): Promise<void>;
}

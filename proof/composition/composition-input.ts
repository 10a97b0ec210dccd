import type { AccessDocument } from "../access/access-document";
import type { Proof } from "../verdict";

/** What the composed property looks at: the verdicts of all the others. */
export interface CompositionInput {
  readonly proofs: readonly Proof[];
  readonly document: AccessDocument;
  /** How the site is reached: which of the network's properties closes it. */
  readonly access: "internet" | "private";
}

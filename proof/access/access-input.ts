import type { AccessShard } from "../../policy/access-document";
import type { AccessDocument } from "./access-document";

/** What the properties of the access document look at. */
export interface AccessInput {
  readonly document: AccessDocument;
  /** What the site's declaration derives. Undefined when there is no declaration, only a document. */
  readonly declared?: readonly AccessShard[];
}

import type { Principal } from "./principals";

/** One AWS call as the proxy saw it. Never a body: bodies hold secrets. */
export interface RecordedCall {
  /** Milliseconds since the proxy started. */
  readonly at: number;
  /** `"unknown"`: signed with a key that belongs to nobody of ours, or unsigned. */
  readonly principal: Principal | "unknown";
  readonly service: string;
  readonly action: string;
  /** ARNs that the call acts on, as far as `callResources` knows the service. */
  readonly resources: readonly string[];
  /** Condition keys of the call that our policies may test, for example `dynamodb:LeadingKeys`. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Name of the stand-in that answered; undefined when the emulator did. */
  readonly standIn?: string;
}

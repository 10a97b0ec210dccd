/** How much one session, and all of them, may have waiting. */
export interface QueueLimits {
  readonly inflightOutbound: number;
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  readonly queuedBytesInAll: number;
  readonly queuedRetained: number;
}

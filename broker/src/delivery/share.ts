/** What waits for all sessions of one identity, connected or not. */
export interface Share {
  /** Of messages and queue entries; a message that waits in two of its queues is counted twice. */
  bytes: number;
}

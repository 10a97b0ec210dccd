/** A persistent session as it is stored; its subscriptions and its queue have records of their own. */
export interface SessionRecord {
  readonly identity: string;
  /** Milliseconds since 1970 at which it lost its connection; undefined while it has one. */
  readonly since: number | undefined;
  /** Up to which place of its queue messages had been sent when the record was written. */
  readonly sent: number;
}

export const encodeSession = (record: SessionRecord): Buffer => Buffer.from(JSON.stringify(record));

export const decodeSession = (bytes: Buffer): SessionRecord => JSON.parse(bytes.toString()) as SessionRecord;

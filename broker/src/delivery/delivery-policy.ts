/** What an identity may do by the access document in use. */
export interface DeliveryPolicy {
  /** Whether the identity is declared at all. */
  readonly isDeclared: (identity: string) => boolean;
  readonly mayPublish: (identity: string, topic: string) => boolean;
  readonly maySubscribe: (identity: string, filter: string) => boolean;
  readonly mayReceive: (identity: string, topic: string) => boolean;
  /** Why whoever was accepted on this would not be let in now; undefined: it would. `admission` is what `admissionOf` gave. */
  readonly admissionFault: (identity: string, admission: Buffer) => string | undefined;
}

/** What a client needs to connect. PEM texts. */
export interface ClientIdentity {
  readonly name: string;
  readonly password: string;
  readonly certificate: string;
  readonly key: string;
}

/** The clients of the bench's site. Travels as JSON to the generators. */
export interface Plant {
  /** PEM. */
  readonly trust: readonly string[];
  readonly publishers: readonly { readonly identity: ClientIdentity; readonly topic: string }[];
  /** Each may read every topic, under as many ClientIds `name~suffix` as it likes. */
  readonly readers: readonly ClientIdentity[];
}

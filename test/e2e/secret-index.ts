/** What the proxy remembers of a secret, so that a recorded call names the ARN whichever way the caller said it. */
export interface KnownSecret {
  readonly name: string;
  readonly arn: string;
  readonly kmsKeyId: string | undefined;
}

/** Secrets by name and by ARN, learnt from CreateSecret as it passes. */
export class SecretIndex {
  readonly #byId = new Map<string, KnownSecret>();

  learn(secret: KnownSecret): void {
    this.#byId.set(secret.name, secret);
    this.#byId.set(secret.arn, secret);
  }

  /** @param id name, ARN, or an ARN without the random suffix. */
  find(id: string): KnownSecret | undefined {
    return this.#byId.get(id) ?? this.#byId.get(/:secret:(.+)$/.exec(id)?.[1] ?? "");
  }
}

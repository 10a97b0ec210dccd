import type { Property } from "../verdict";
import { accountDecryptsNothing } from "./account-decrypts-nothing";
import { declaredReadersCanRead } from "./declared-readers-can-read";
import { noSecretValues } from "./no-secret-values";
import { onlyDeclaredReaders } from "./only-declared-readers";
import type { SecretsInput } from "./secrets-input";

/** What must hold of the secrets of a plan. */
export const secretsProperties: readonly Property<SecretsInput>[] = [
  onlyDeclaredReaders,
  declaredReadersCanRead,
  accountDecryptsNothing,
  noSecretValues,
];

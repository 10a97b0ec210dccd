import type { SecretReaders } from "../../policy/secret-readers";
import type { Facts } from "../facts/facts";
import type { AccountId } from "./account-facts";

/** What the properties of secrets look at. */
export interface SecretsInput extends AccountId {
  readonly facts: Facts;
  /** Who is declared to read which secret. */
  readonly declared: readonly SecretReaders[];
}

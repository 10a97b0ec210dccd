import type { CredentialRecord, CredentialShard, PasswordRecord } from "../policy/credentials";

const isPassword = (value: unknown): value is PasswordRecord => {
  const password = value as Partial<PasswordRecord> | null;
  return (
    typeof password?.salt === "string" && /^[\w-]{22}$/.test(password.salt) && /^[\w-]{43}$/.test(password.hash ?? "")
  );
};

const isRecord = (value: unknown): value is CredentialRecord => {
  const record = value as Partial<CredentialRecord> | null;
  return (
    Array.isArray(record?.passwords) && record.passwords.every(isPassword) && Number.isSafeInteger(record.validFrom)
  );
};

/**
 * Reads a credential shard and checks that it is this site's and in its place.
 * @returns its records as a Map: `__proto__` and `constructor` are possible names, and a plain object would answer to them.
 * @throws naming the shard and the rule, never the content, which is secret.
 */
export const parseCredentialShard = (text: string, site: string, shard: number): Map<string, CredentialRecord> => {
  const fault = (rule: string): Error =>
    new Error(`${site}/credentials/${shard}: ${rule}; restore the secret's previous version`);
  let parsed: Partial<CredentialShard> | null;
  try {
    parsed = JSON.parse(text) as Partial<CredentialShard> | null;
  } catch {
    // The parser's own message quotes the text.
    throw fault("must be JSON");
  }
  if (typeof parsed !== "object" || parsed === null || parsed.version !== 1)
    throw fault("must be an object of version 1");
  if (parsed.site !== site || parsed.shard !== shard) throw fault("must carry its own site and shard number");
  if (typeof parsed.records !== "object" || parsed.records === null) throw fault("'records' must be an object");
  const records = Object.entries(parsed.records);
  for (const [name, record] of records)
    if (!isRecord(record)) throw fault(`'records.${name}' must hold passwords and validFrom`);
  return new Map(records);
};

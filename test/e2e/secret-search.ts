/**
 * Looks for what must not be written down anywhere: a private key, or one of the passwords.
 * @returns sentences that name the text and what it holds, never the secret itself.
 */
export function findSecrets(texts: Readonly<Record<string, string>>, passwords: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [name, text] of Object.entries(texts)) {
    if (/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text)) found.push(`${name} holds a private key`);
    for (const [identity, password] of passwords)
      if (text.includes(password)) found.push(`${name} holds the password of ${identity}`);
  }
  return found;
}

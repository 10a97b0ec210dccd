/** Shapes that only secrets have. Each with what to call it. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/, "is a private key in PEM"],
  [/"d"\s*:\s*"[A-Za-z0-9_-]{20,}"/, "is a private key as a JSON Web Key"],
  [/\bA(?:KIA|SIA)[A-Z2-7]{16}\b/, "has an AWS access key"],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}\b/, "is a GitHub token"],
  [/\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/, "is a JSON Web Token"],
  [/[a-z][a-z0-9+.-]*:\/\/[^/\s:@]+:[^/\s:@]{3,}@/, "is an address with a password in it"],
];

/** Random-looking texts that are public: hashes, ids, ARNs, AWS's TLS policies; they are known by their form. */
const PUBLIC =
  /^(?:arn:|ELBSecurityPolicy-(?:[A-Z0-9]+-)*\d{4}-\d{2}$|LATEST_[0-9a-f]{32}$|sha256:|[0-9a-f]{32}$|[0-9a-f]{40}$|[0-9a-f]{64}$|[0-9a-f]{8}-[0-9a-f]{4}-|[a-z]+(?:-[a-z]+)*-[0-9a-f]{8,17}$)/;
/** Base64 of 32 bytes, padded: how Terraform writes the SHA-256 of an archive. Ours are base64url without padding. */
const ARCHIVE_HASH = /^[A-Za-z0-9+/]{43}=$/;

/** Bits of Shannon entropy a character. */
export const entropy = (text: string): number => {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const length = [...text].length;
  return [...counts.values()].reduce((sum, count) => sum - (count / length) * Math.log2(count / length), 0);
};

/** Certificates and public keys are made to be seen. */
const PUBLIC_PEM =
  /-----BEGIN ((?:[A-Z0-9]+ )*(?:CERTIFICATE|PUBLIC KEY|CERTIFICATE REQUEST|X509 CRL))-----[A-Za-z0-9+/=\s]*(?:\\n[A-Za-z0-9+/=\s]*)*-----END \1-----/g;

/** One run of letters and digits with both cases and digits, at least 20 long: 120 random bits and more. */
const RANDOM = /(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{20,}={0,2}(?![A-Za-z0-9+/_=-])/g;

const isRandom = (run: string): boolean =>
  !PUBLIC.test(run) &&
  !ARCHIVE_HASH.test(run) &&
  /[a-z]/.test(run) &&
  /[A-Z]/.test(run) &&
  /[0-9]/.test(run) &&
  // Words are joined by these, random texts seldom have many.
  (run.match(/[-_/+]/g)?.length ?? 0) <= run.length / 8 &&
  // Sixty-four symbols in a run so short cannot reach six bits; names in camel case stay below these.
  entropy(run) >= Math.min(4.1, Math.log2(run.length) - 0.45);

/** @returns what makes the text look like a secret by its form, however random it is; undefined if nothing does. */
export const secretShape = (text: string): string | undefined => SHAPES.find(([pattern]) => pattern.test(text))?.[1];

/** @returns what makes the text look like a secret; undefined if nothing does. */
export const looksSecret = (text: string): string | undefined =>
  secretShape(text) ??
  ((text.replace(PUBLIC_PEM, " ").match(RANDOM) ?? []).some(isRandom)
    ? "has a random text in it, as keys and tokens are"
    : undefined);

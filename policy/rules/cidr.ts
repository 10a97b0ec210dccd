import type { Report } from "../fault";

/** Private ranges (RFC 1918) as `[first address, prefix length]`. */
const PRIVATE: readonly (readonly [address: number, prefix: number])[] = [
  [0x0a000000, 8],
  [0xac100000, 12],
  [0xc0a80000, 16],
];

const networkOf = (address: number, prefix: number): number => (address & (-1 << (32 - prefix))) >>> 0;
const dotted = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");

const parse = (text: string): { readonly address: number; readonly prefix: number } | undefined => {
  const parts = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\/(0|[1-9]\d?)$/.exec(text);
  const [a, b, c, d, prefix] = (parts ?? []).slice(1).map(Number);
  if (a === undefined || b === undefined || c === undefined || d === undefined || prefix === undefined)
    return undefined;
  if (Math.max(a, b, c, d) > 255 || prefix > 32) return undefined;
  return { address: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, prefix };
};

/** The VPC's range: private, aligned, /16 to /24. A /24 still holds three zones of two /27 subnets. */
export const checkCidr = (path: string, value: unknown, report: Report): void => {
  const range = typeof value === "string" ? parse(value) : undefined;
  if (range === undefined) {
    report(path, "must be an IPv4 range", value, 'write for example "10.80.0.0/20"');
    return;
  }
  const { address, prefix } = range;
  if (prefix < 16 || prefix > 24)
    report(path, "must be between /16 and /24", value, "a /20 fits every site; AWS takes nothing wider than /16");
  const network = prefix === 0 ? 0 : networkOf(address, prefix);
  if (network !== address)
    report(path, "must start at the range's first address", value, `write "${dotted(network)}/${prefix}"`);
  if (!PRIVATE.some(([first, length]) => prefix >= length && networkOf(address, length) === first))
    report(path, "must be private (RFC 1918)", value, "choose from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16");
};

import { isIP } from "node:net";

import { canonicalIp } from "./canonical-ip";
import { x509 } from "./x509";

/** What a server certificate certifies. */
export interface ServerNames {
  readonly dns: readonly string[];
  readonly ip: readonly string[];
}

/** A host name by RFC 1123, section 2.1: no wildcard, since one certificate must not speak for other hosts. */
const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

const isHost = (name: unknown): boolean => typeof name === "string" && HOST.test(name) && isIP(name) === 0;
const isAddress = (address: unknown): boolean => typeof address === "string" && isIP(address) > 0;

/** @returns every fault of the names, each with its path, the rule and the value. */
export const serverNameFaults = ({ dns, ip }: { readonly dns?: unknown; readonly ip?: unknown }): string[] => {
  if (!Array.isArray(dns)) return [`dns: must be a list of host names, got ${JSON.stringify(dns)}`];
  if (!Array.isArray(ip)) return [`ip: must be a list of IP addresses, got ${JSON.stringify(ip)}`];
  const got = (value: unknown): string => `got ${JSON.stringify(value)}`;
  return [
    ...(dns.length + ip.length === 0 ? ["dns: must name at least one host, got []"] : []),
    ...dns.flatMap((name, i) =>
      isHost(name) ? [] : [`dns[${i}]: must be a host name without wildcard, ${got(name)}`],
    ),
    ...ip.flatMap((address, i) => (isAddress(address) ? [] : [`ip[${i}]: must be an IP address, ${got(address)}`])),
  ];
};

/** @returns the same names in one order and spelling, without repeats. */
export const canonicalNames = ({ dns, ip }: ServerNames): ServerNames => ({
  dns: [...new Set(dns.map((name) => name.toLowerCase()))].sort(),
  ip: [...new Set(ip.map(canonicalIp))].sort(),
});

/** @returns the subject alternative names of a certificate (DER), canonical. */
export const namesOf = (certificate: Uint8Array): ServerNames => {
  const parsed = new x509.X509Certificate(certificate as Uint8Array<ArrayBuffer>);
  const items = parsed.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  const valuesOf = (type: string): string[] => items.filter((item) => item.type === type).map((item) => item.value);
  return canonicalNames({ dns: valuesOf("dns"), ip: valuesOf("ip") });
};

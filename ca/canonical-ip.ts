import { isIPv6 } from "node:net";

/** One spelling for each IP address, so that `2001:DB8:0::1` in a request is found again as `2001:db8::1` in a certificate. */
export const canonicalIp = (address: string): string =>
  isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;

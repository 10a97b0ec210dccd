/** A socket that waits for packets from elsewhere. */
export interface OpenSocket {
  readonly protocol: string;
  /** `0.0.0.0:22` */
  readonly address: string;
  readonly process: string;
}

const LOOPBACK = /^(127\.[\d.]+|\[::1\]|\[::ffff:127\.[\d.]+\])(%lo)?:/;
/** The DHCP clients' ports, for which the rules let answers alone in. */
const DHCP = /:(68|546)$/;

/** @param listing of `ss -H -lntup` @returns sockets that are neither on loopback nor DHCP's */
export const openSockets = (listing: string): OpenSocket[] =>
  listing
    .split("\n")
    .filter(Boolean)
    .map((line) => line.trim().split(/\s+/))
    .map(([protocol = "", , , , address = "", , process = ""]) => ({ protocol, address, process }))
    .filter(
      ({ protocol, address }) =>
        !LOOPBACK.test(address.replace(/%lo:/, ":")) && !(protocol === "udp" && DHCP.test(address)),
    );

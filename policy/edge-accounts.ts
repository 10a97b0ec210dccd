import { EDGE_USER } from "./edge-device";

/**
 * Fixed account numbers of the device image. The firewall's rules name numbers, so they must not follow the order in which
 * packages were installed: `edge-image/rootfs/usr/lib/sysusers.d/dmz.conf` says the same, and a test holds it to this.
 */
export const EDGE_ACCOUNTS = {
  agent: EDGE_USER.uid,
  /** systemd-resolve */
  resolver: 992,
  /** systemd-timesync */
  time: 993,
  /** systemd-network */
  network: 994,
} as const;

/** Account numbers that the firewall's rules name. */
export type EdgeAccounts = Readonly<Record<keyof typeof EDGE_ACCOUNTS, number>>;

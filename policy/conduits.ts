import { PORTS } from "./deployment";

/** The zones that have a security group of their own, in the words of IEC 62443. */
export type Zone = "load-balancer" | "tasks" | "endpoints" | "store";

/** A declared way from one zone into another: tcp, these ports, nothing else. */
export interface Conduit {
  readonly from: "internet" | Zone;
  readonly to: Zone;
  readonly ports: readonly number[];
  readonly why: string;
}

const NFS = 2049;

/**
 * Every conduit of the DMZ, in one place: the firewall is made from this list, and the proof holds the whole network to it,
 * at synthesis. `internet` may lead to the load balancer alone, by IPv4, and there to the two ports of promise P1; the proof
 * checks those ports without this list, too.
 */
export const CONDUITS: readonly Conduit[] = [
  { from: "internet", to: "load-balancer", ports: [PORTS.mqtt, PORTS.https], why: "clients" },
  { from: "load-balancer", to: "tasks", ports: [PORTS.mqtt, PORTS.https], why: "clients and health checks, passed on" },
  { from: "tasks", to: "tasks", ports: [PORTS.mqtt, PORTS.https], why: "a standby relays to the active task" },
  { from: "tasks", to: "endpoints", ports: [PORTS.https], why: "AWS APIs" },
  { from: "tasks", to: "store", ports: [NFS], why: "the message store (NFS inside TLS)" },
];

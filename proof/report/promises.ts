/** A promise, as the report words it. */
export interface PromiseText {
  readonly id: string;
  readonly title: string;
  readonly promise: string;
  /** What no plan can show of it. */
  readonly beyond: string;
  /** Is that so much of it that checks of a plan alone prove a part? */
  readonly inPart: boolean;
}

/** P1 to P9, each in a sentence that can be proven or refuted. */
export const PROMISES: readonly PromiseText[] = [
  {
    id: "P1",
    title: "Two open ports",
    promise: "From the internet exactly tcp 8883 and 443 are reachable, and nothing else.",
    beyond: "Whether the account holds other things than this stack is for the account's owner to know.",
    inPart: false,
  },
  {
    id: "P2",
    title: "Closed edge devices",
    promise: "An edge device takes no new inbound packet, and sends only to what is declared.",
    beyond:
      "It is proven on a device's own firewall ruleset, which is no part of the cloud's plan: hand it in with --ruleset.",
    inPart: false,
  },
  {
    id: "P3",
    title: "TLS with the site's own certificates",
    promise: "TLS 1.2 or newer on every conduit, server and clients certified by the site's own authority.",
    beyond: "What the broker refuses at a handshake is code: its tests attack it with wrong and stolen certificates.",
    inPart: true,
  },
  {
    id: "P4",
    title: "User name and password",
    promise: "No anonymous access; every identity has a generated secret, and its ClientId is bound to it.",
    beyond: "How the broker compares passwords is code: its tests attack it.",
    inPart: true,
  },
  {
    id: "P5",
    title: "Topics by identity",
    promise: "Deny by default; a stolen credential reaches its own topics and nothing more.",
    beyond: "That the broker obeys the access document is code: its tests attack it by every way a message can take.",
    inPart: false,
  },
  {
    id: "P6",
    title: "Private site",
    promise: "A site that is declared private is reached by no internet address at all.",
    beyond: "What the plant's own network lets into the VPN is the plant's to guard.",
    inPart: false,
  },
  {
    id: "P7",
    title: "Debugging without an open port",
    promise: "A debug tunnel is dialled out by the device, opened on command, and closes by itself.",
    beyond: "A tunnel's life is behaviour of device and broker, which no plan shows.",
    inPart: true,
  },
  {
    id: "P8",
    title: "MQTT 3.1.1, redundant",
    promise: "The server keeps to the standard and survives the loss of a task or a zone.",
    beyond:
      "Conformance and failover are behaviour, which no plan shows: the broker's and the end-to-end tests attack them.",
    inPart: true,
  },
  {
    id: "P9",
    title: "NIST Cybersecurity Framework",
    promise: "Every control is mapped to a function of the framework, with evidence from a check that ran.",
    beyond: "Responding and recovering are also people's work: a plan shows what they have at hand.",
    inPart: false,
  },
];

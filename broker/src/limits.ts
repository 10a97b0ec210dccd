/**
 * Every bound the broker sets, in one place. Times in milliseconds, sizes in bytes. The hardening issue tightens these per
 * identity; these first values only have to be sane for a 1 GiB task.
 */
export const LIMITS = {
  /** Client connections a task accepts, relayed ones included. At a measured 54 KB a TLS connection: below 700 MB. */
  connections: 12_000,
  /** From accept to a complete PROXY header (or the first byte that shows there is none). */
  firstByteMs: 5_000,
  /** TLS handshake. */
  handshakeMs: 10_000,
  /** From the end of the handshake to a complete CONNECT. */
  connectMs: 10_000,
  /** A whole CONNECT, will included: this much an unauthenticated peer may make us hold. */
  connectPacketBytes: 16 * 1024,
  /** Any later packet. */
  packetBytes: 256 * 1024,
  /** Buffered towards one client before Aedes waits for it. */
  outboundBytes: 256 * 1024,
  /** How long Aedes waits for a client that does not read before it is disconnected. */
  drainMs: 15_000,
  /** Silence from a client, whatever keep alive it asked for: 1.5 times a ceiling of 300 s (MQTT 3.1.1, 3.1.2.10 permits it). */
  idleMs: 450_000,
  /** One HTTP request, headers to answer; an upgrade to WebSockets ends the count. */
  httpRequestMs: 10_000,
  httpHeaderBytes: 8 * 1024,
  /** Topic levels in PUBLISH, SUBSCRIBE and wills. */
  topicLevels: 32,
  /** QoS 2 messages of one client that wait for PUBREL. */
  inflightInbound: 100,
  /** Packets of one client that wait behind its CONNECT. */
  queuedBehindConnect: 100,
  /** A PROXY v2 header with everything behind it that the load balancer adds. */
  proxyHeaderBytes: 1024,
  /** Connecting to the active task, to relay or to see that it is there. */
  relayConnectMs: 3_000,
  /** A live lease whose holder stays unreachable this long makes this task not ready (decision 2). */
  holderUnreachableMs: 15_000,
  /** How often a standby looks whether the holder is reachable. */
  holderProbeMs: 3_000,
} as const;

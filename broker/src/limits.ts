import { BROKER_SIZES } from "../../policy/broker-sizes";
import { memoryLimits } from "./memory-limits";

/** One bound that the broker sets. */
export interface Limit {
  readonly value: number;
  readonly unit:
    | "ms"
    | "bytes"
    | "connections"
    | "sessions"
    | "messages"
    | "levels"
    | "filters"
    | "packets"
    | "attempts"
    | "entries"
    | "lines"
    | "a second";
  /** Why it is there, and why it is this much. One sentence, without the value: `docs/limits.md` shows it beside it. */
  readonly why: string;
}

/** Kept for the compiler: the keys and nothing more. */
const table = <Name extends string>(limits: Readonly<Record<Name, Limit>>): Readonly<Record<Name, Limit>> => limits;
const limit = (value: number, unit: Limit["unit"], why: string): Limit => ({ value, unit, why });

const small = memoryLimits(BROKER_SIZES.small.memoryMib);

/**
 * Every bound that the broker sets, in one table; `docs/limits.md` is held to it by a test and written anew by
 * `npx tsx broker/src/limits-page.ts > docs/limits.md`. What memory decides is here for the smallest task. "A second" is a sustained rate, and `...Burst` what may come at once before it counts.
 */
export const LIMIT_TABLE = table({
  connections: limit(
    small.connections,
    "connections",
    "All clients of a task, relayed ones included: half of the memory beside the process, at 80 KiB each, of which 70 were measured.",
  ),
  connectionsPerAddress: limit(
    small.connectionsPerAddress,
    "connections",
    "One address must leave room for others; a whole plant may stand behind one, so it is five sixths of all.",
  ),
  connectionsPerIdentity: limit(
    16,
    "connections",
    "Tabs of one enterprise client (`name~suffix`); an edge identity has one ClientId and so one connection.",
  ),
  guests: limit(
    small.guests,
    "connections",
    "Shaking hands or not logged in yet, at most half of all: where there are more, or no place for who comes next, the oldest of the address with most goes.",
  ),
  guestsPerAddress: limit(
    small.guestsPerAddress,
    "connections",
    "The same, of one address: half of them, and no more than a large task shakes hands with in a few seconds.",
  ),
  connectsPerAddress: limit(500, "a second", "More than one core can shake hands for: what is above only costs."),
  connectsPerAddressBurst: limit(
    5_000,
    "connections",
    "A plant that comes back from a power cut connects all at once.",
  ),
  waitingHandshakes: limit(
    2_048,
    "connections",
    "Accepted and waiting for their turn to shake hands; when it is full a random one of the address with most goes.",
  ),
  waitingHandshakeMs: limit(5_000, "ms", "Who waited longer has given up, or soon will."),
  handshakesPerTurn: limit(
    1,
    "connections",
    "Handshakes begun in one turn of the event loop, at one to two milliseconds: clients already connected wait for no more.",
  ),
  acceptBacklog: limit(
    4_096,
    "connections",
    "Connections that the kernel holds until they are accepted: where it is full a client's SYN is lost, and costs it a second.",
  ),
  firstByteMs: limit(
    5_000,
    "ms",
    "From accept to a complete PROXY header, or to the first byte that shows there is none.",
  ),
  handshakeMs: limit(10_000, "ms", "TLS handshake."),
  connectMs: limit(10_000, "ms", "From the end of the handshake to a complete CONNECT."),
  authenticationMs: limit(5_000, "ms", "From the CONNECT to its answer: a check that takes longer refuses."),
  hookMs: limit(5_000, "ms", "One question of authorization: what is not answered by then is denied."),
  failuresFree: limit(
    10,
    "attempts",
    "Failed logins of one pair of address and identity before any is refused unread: a typing error is no attack.",
  ),
  failureBackOffMs: limit(1_000, "ms", "The first refusal without work; it doubles with each further failure."),
  failureBackOffLongestMs: limit(60_000, "ms", "The doubling ends here, so that nobody is locked out for longer."),
  failureMemoryMs: limit(600_000, "ms", "After so long without a failure all is forgotten."),
  failureEntries: limit(
    20_000,
    "entries",
    "Pairs remembered, the least recent dropped first: an attacker cannot fill the memory.",
  ),
  heldRefusals: limit(
    256,
    "connections",
    "Refusals held back at once so that guessing is slow; beyond it the connection just ends.",
  ),
  heldRefusalMs: limit(2_000, "ms", "How long a refusal is held back once an address has failed too often."),
  addressFailures: limit(2, "a second", "Failed logins of one address that are answered at once."),
  addressFailuresBurst: limit(40, "attempts", "The same, at once: many devices of a plant may have the same fault."),
  takeovers: limit(
    0.1,
    "a second",
    "Two devices with one ClientId throw each other out for ever: slowed, they cost nothing.",
  ),
  takeoversBurst: limit(6, "attempts", "A device on a bad line reconnects a few times in a row."),
  connectPacketBytes: limit(
    16 * 1024,
    "bytes",
    "A whole CONNECT, will included: this much an unauthenticated peer may make us hold.",
  ),
  packetBytes: limit(256 * 1024, "bytes", "Any later packet."),
  outboundBytes: limit(
    512 * 1024,
    "bytes",
    "Waiting for one client before it counts as slow: then it loses messages at QoS 0.",
  ),
  outboundMostBytes: limit(2 * 1024 * 1024, "bytes", "Waiting for one client, whatever the QoS, before it is cut off."),
  outboundTotalBytes: limit(
    small.outboundTotalBytes,
    "bytes",
    "Waiting for all clients together before every client that is behind counts as slow: a sixteenth of the memory beside the process.",
  ),
  outboundCrowdedBytes: limit(64 * 1024, "bytes", "Waiting for one client before it is cut off when all are too much."),
  drainMs: limit(
    15_000,
    "ms",
    "How long a client that counts as slow, and takes nothing of 128 KiB, is borne; and a relayed one whose active task has ended.",
  ),
  keepAliveMs: limit(
    225_000,
    "ms",
    "Ceiling of the keep alive: one and a half times it (MQTT 3.1.1, 3.1.2.10) is below the load balancer's 350 s, whatever the client asked for.",
  ),
  idleMs: limit(
    337_500,
    "ms",
    "Silence from a client before it is disconnected: one and a half times the keep alive's ceiling.",
  ),
  httpRequestMs: limit(10_000, "ms", "One HTTP request, headers to answer; an upgrade to WebSockets ends the count."),
  webSocketPieces: limit(
    1_024,
    "entries",
    "Reads, and fragments, of which one WebSocket message may come: what ws keeps of a piece is far more than a byte.",
  ),
  httpHeaderBytes: limit(8 * 1024, "bytes", "Headers of one HTTP request."),
  publishRate: limit(
    2_000,
    "a second",
    "Messages of one identity; what is above waits, unread, in the client's own socket.",
  ),
  publishBurstMs: limit(
    5_000,
    "ms",
    "What may come at once, as time at the rate: a gateway that was away empties its buffer.",
  ),
  publishBytesRate: limit(8 * 1024 * 1024, "a second", "Payload and topic bytes of one identity, held back likewise."),
  publishThrottledMs: limit(
    600_000,
    "ms",
    "An identity that was held back all this time without a pause does not want to be slower: it is disconnected.",
  ),
  subscriptionsPerClient: limit(500, "filters", "Distinct filters of one client."),
  subscriptionBytes: limit(
    small.subscriptionBytes,
    "bytes",
    "Filters of all sessions together, a thirty-second of the memory beside the process: about 200 bytes for each beside its own, and 300 for each topic level. An identity may have no more of it than a quarter of what is left free, all levels of all its filters counted, so that who holds most is refused first.",
  ),
  subscriptionBytesInAnyCase: limit(
    8 * 1024,
    "bytes",
    "Filters that an identity may have whatever the others took: a device's own, so that nobody can keep it from its commands.",
  ),
  filtersPerSubscribe: limit(64, "filters", "Filters in one SUBSCRIBE: those behind are refused."),
  filterRate: limit(
    100,
    "a second",
    "Filters that one identity subscribes to or unsubscribes from; 50 retained messages that they bring, or 200 topic levels of retained messages that are looked at for them, count as one more. Who is above it is not read from until it is paid back.",
  ),
  filterBurst: limit(
    10_000,
    "filters",
    "The same, at once: a client that comes back asks for all of its filters, and may lose its line a few times.",
  ),
  filterEntries: limit(
    20_000,
    "entries",
    "Identities whose filters are counted, the least recent dropped first: who is dropped starts anew.",
  ),
  filtersPerPacket: limit(
    2_000,
    "filters",
    "Filters in one SUBSCRIBE or UNSUBSCRIBE before the packet is refused unread: above what any client may have.",
  ),
  topicLevels: limit(32, "levels", "Levels of a topic or filter, in PUBLISH, SUBSCRIBE and wills."),
  topicBytes: limit(
    1_024,
    "bytes",
    "UTF-8 length of a topic or filter; MQTT's own limit of 65,535 helps nobody but an attacker.",
  ),
  clientIdBytes: limit(128, "bytes", "Longest ClientId: an identity's name, `~` and a suffix have no more than 97."),
  retainedMessages: limit(
    100_000,
    "messages",
    "Retained messages of a site; a new topic beyond it is refused, a known one may still change.",
  ),
  retainedBytes: limit(
    small.retainedBytes,
    "bytes",
    "All retained messages together, an eighth of the memory beside the process, topics included: about 200 bytes for each beside its own, and 300 for each topic level.",
  ),
  retainedInAnyCase: limit(
    1_000,
    "messages",
    "Retained messages that an identity may have whatever the others took, as long as there is room at all. Beyond it, it may have half of what is left free, in number and in bytes, so that who holds most is refused first and no device uses up the site's.",
  ),
  retainedBytesInAnyCase: limit(2 * 1024 * 1024, "bytes", "The same in bytes, all their topic levels counted."),
  inflightOutbound: limit(
    100,
    "messages",
    "Sent to one client above QoS 0 and not acknowledged yet; the next one waits in its queue.",
  ),
  queuedMessages: limit(
    10_000,
    "messages",
    "Waiting for one client: what it misses in a pause of a third of a second at the most that a small task forwards, or in an hour at three messages a second. When it is full the newest message is dropped, so that what was accepted stays in order.",
  ),
  queuedBytes: limit(
    4 * 1024 * 1024,
    "bytes",
    "Waiting for one client, with about 200 bytes for each message beside its own.",
  ),
  queuedBytesInAll: limit(
    small.queuedBytesInAll,
    "bytes",
    "Waiting for all clients, a message for many of them counted once, with 320 bytes for each of them: an eighth of the memory beside the process. An identity may have no more of it than an eighth of what is left free, so that who holds most loses first.",
  ),
  queuedMs: limit(
    4 * 86_400_000,
    "ms",
    "A message that waited this long, and was never sent, is dropped: a long weekend is bridged, and no command comes days after anybody meant it.",
  ),
  queuedRetained: limit(
    50_000,
    "messages",
    "Owed to one client by its own new subscription: above what it may miss, below the 65,535 packet identifiers.",
  ),
  sessionsPerIdentity: limit(
    16,
    "sessions",
    "Persistent sessions of one identity (`name~suffix`); one more displaces the one whose client is away for longest. All of their queues together have one identity's part of `queuedBytesInAll`.",
  ),
  sessionExpiryMs: limit(
    7 * 86_400_000,
    "ms",
    "A persistent session whose client stayed away this long is dropped, with all that waits for it.",
  ),
  sessionSweepMs: limit(
    600_000,
    "ms",
    "How often the broker looks for such sessions, and for messages that waited too long.",
  ),
  storeBacklogBytes: limit(
    16 * 1024 * 1024,
    "bytes",
    "On their way to the store, before clients that send what must be stored, or subscribe, wait for it.",
  ),
  storeOpenMs: limit(
    60_000,
    "ms",
    "Copying the last epoch's folder and reading the store: a task that takes longer gives the lease back and ends.",
  ),
  storeCloseMs: limit(
    10_000,
    "ms",
    "Ending the sessions and closing the store: a task whose disk hangs for longer ends instead.",
  ),
  willGraceMs: limit(
    30_000,
    "ms",
    "After a failover, the time a client of the former task has to come back before its will is published.",
  ),
  inflightInbound: limit(100, "messages", "QoS 2 messages of one client that wait for PUBREL."),
  packetsPerTurn: limit(
    64,
    "packets",
    "Packets of one connection that are decoded in one turn of the event loop: one read may hold 30,000, and the others would wait for all of them.",
  ),
  queuedBehindConnect: limit(100, "packets", "Packets of one client that wait behind its CONNECT."),
  handlingSliceMs: limit(
    5,
    "ms",
    "Packets of one client are handled for so long at a time, then it is the others' turn: one read may hold thousands.",
  ),
  logLinesPerKind: limit(
    20,
    "a second",
    "Refusals and denials of one kind that are logged; the rest are counted, and the next line carries the count.",
  ),
  logLinesPerKindBurst: limit(400, "lines", "The same, at once."),
  logConnectionsBurst: limit(
    26_000,
    "lines",
    "The same, of clients that are accepted, closed and relayed: all of the largest task's at once, after a power cut, have their line.",
  ),
  closingBatch: limit(
    200,
    "connections",
    "At SIGTERM so many connections end at a time: the next active task is not run over.",
  ),
  closingPauseMs: limit(
    50,
    "ms",
    "Between two batches, on average: each pause is drawn between half and one and a half of it.",
  ),
  stuckMs: limit(
    15_000,
    "ms",
    "An event loop or a store that does not move for so long will not recover: the process ends and another takes over.",
  ),
  proxyHeaderBytes: limit(1_024, "bytes", "A PROXY v2 header with everything behind it that the load balancer adds."),
  relayConnectMs: limit(3_000, "ms", "Connecting to the active task, to relay or to see that it is there."),
  holderUnreachableMs: limit(
    15_000,
    "ms",
    "A live lease whose holder stays unreachable this long makes this task not ready (decision 3).",
  ),
  holderProbeMs: limit(3_000, "ms", "How often a standby looks whether the holder is reachable."),
  noHolderMs: limit(
    30_000,
    "ms",
    "Nobody holds the lease for so long: a failover takes half of it, so that the log says so and an alarm goes off.",
  ),
});

/** The values alone. */
export const LIMITS = Object.freeze(
  Object.fromEntries(Object.entries(LIMIT_TABLE).map(([name, { value }]) => [name, value])),
) as Readonly<Record<keyof typeof LIMIT_TABLE, number>>;

/** MQTT 3.1.1, table 3.1: a CONNECT that is well-formed but not acceptable is told so. */
export const CONNACK = { unacceptableProtocolVersion: 1, identifierRejected: 2 } as const;

const CLAUSE = /\[(MQTT-[\d.]+-\d+)\]/;

/**
 * The peer broke a rule of MQTT 3.1.1, or one of our limits: its connection ends, and nothing that it sent with the packet
 * has any effect [MQTT-4.8.0-1].
 */
export class PacketRefused extends Error {
  override readonly name = "PacketRefused";
  /** The normative statement that was broken, "MQTT-3.1.2-3" say; undefined: a limit of ours. */
  readonly rule: string | undefined;

  /**
   * @param reason what is wrong, for the log; it cites the normative statement in brackets.
   * @param returnCode the CONNACK return code that the standard wants sent first. @default no answer but the end
   */
  constructor(
    reason: string,
    readonly returnCode?: (typeof CONNACK)[keyof typeof CONNACK],
  ) {
    super(reason);
    this.rule = CLAUSE.exec(reason)?.[1];
  }
}

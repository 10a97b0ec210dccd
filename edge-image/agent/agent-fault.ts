/** Words for what is wrong, as log lines and the health topic carry them. */
export type FaultCode =
  | "image"
  | "identity"
  | "certificate-expired"
  | "clock"
  | "state-disk"
  | "state-damaged"
  | "connect"
  | "queue-version"
  | "queue-foreign"
  | "queue-damaged"
  | "queue-dropped"
  | "queue-full"
  | "queue-disk"
  | "message-refused"
  | "socket"
  | "command"
  | "primary-host"
  | "update";

/** Something wrong that a person must know of: said on the console, in the log and on the health topic. */
export class AgentFault extends Error {
  override readonly name = "AgentFault";

  /** @param message what is wrong, with the path or the value, and what to do about it */
  constructor(
    readonly code: FaultCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

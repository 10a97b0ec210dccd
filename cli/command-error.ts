import { EXIT } from "./exit-code";

/** A fault that the person at the keyboard can act on: printed as one plain message, never with a stack trace. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  /**
   * @param what what went wrong, with the path or the value: `port 8883 on 127.0.0.1 is in use`
   * @param fix what to do about it: `stop what listens there, or choose another with --mqtt-port`; undefined when `what`
   *   says it already
   */
  constructor(
    what: string,
    fix: string | undefined,
    readonly exitCode: number = EXIT.failed,
  ) {
    super(fix === undefined ? what : `${what}; ${fix}`);
  }
}

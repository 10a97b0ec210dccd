/** What an AWS API answers when it refuses: its error code, its message, and what else the body holds. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

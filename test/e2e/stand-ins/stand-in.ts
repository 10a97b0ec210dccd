import type { AwsRequest } from "../aws-request";

/** What a stand-in answers. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers calls that the emulator lacks or gets wrong: small, faithful, and listed by name at the end of a run. */
export interface StandIn {
  /** For the list at the end of the run: what it answers, and why. */
  readonly name: string;
  readonly why: string;
  /** @returns undefined when the call is none of its business: the emulator answers then. */
  readonly answer: (request: AwsRequest) => Promise<Answer | undefined>;
  /** How many things it still holds; must be 0 after a destroy. */
  readonly remaining: () => number;
}

export const jsonAnswer = (value: unknown, status = 200): Answer => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.1" },
  body: JSON.stringify(value),
});

/** An error as AWS's JSON protocols put it. */
export const jsonError = (type: string, message: string, status = 400): Answer => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": type },
  body: JSON.stringify({ __type: type, message, Message: message }),
});

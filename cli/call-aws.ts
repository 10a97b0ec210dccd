import { CommandError } from "./command-error";

/** What is asked of AWS, for the message if it cannot be had. */
export interface AwsRequest {
  /** As people call it: `AWS Lambda`. */
  readonly service: string;
  readonly region: string;
  /** The right that the call needs: `lambda:InvokeFunction on plant-ca-enrol`. */
  readonly right: string;
}

const NO_NETWORK = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)$/;

/**
 * Makes one call, with the AWS credentials of the environment.
 * @throws CommandError in words: no credentials or expired ones, not permitted, not reachable; any other error as it is
 */
export async function callAws<T>(request: AwsRequest, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw inWords(error, request);
  }
}

function inWords(error: unknown, { service, region, right }: AwsRequest): unknown {
  if (!(error instanceof Error) || error instanceof CommandError) return error;
  switch (error.name) {
    case "AccessDeniedException":
      return new CommandError(`${service}: these AWS credentials may not do this`, `use a principal that has ${right}`);
    case "CredentialsProviderError":
      return new CommandError(
        "no AWS credentials were found",
        "log in (for example 'aws sso login') or set AWS_PROFILE",
      );
    case "ExpiredTokenException":
    case "UnrecognizedClientException":
    case "InvalidSignatureException":
      return new CommandError(`AWS refused the credentials (${error.name})`, "log in again");
  }
  const { code = "" } = error as NodeJS.ErrnoException;
  if (NO_NETWORK.test(code) || error.name === "TimeoutError")
    return new CommandError(
      `${service} in ${region} cannot be reached (${code || error.name})`,
      "check the network, and AWS_ENDPOINT_URL if it is set",
    );
  return error;
}

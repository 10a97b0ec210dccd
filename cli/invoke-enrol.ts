import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { functionName } from "../policy/deployment";
import type { Site } from "../policy/site";
import { CommandError } from "./command-error";

export interface EnrolRequest {
  readonly name: string;
  /** PKCS#10 PEM; left out for a password-only identity. */
  readonly csr?: string;
}

/** What the enrol function returns, once: it keeps salted hashes alone. */
export interface EnrolAnswer {
  readonly identities: readonly { readonly name: string; readonly password: string; readonly certificate?: string }[];
  readonly trust: readonly string[];
  readonly sequence: number;
}

/**
 * Asks a deployed site's enrol function, with the AWS credentials of the environment, in the site's region.
 * @throws CommandError in words: no credentials, no such function, not permitted, refused by the function
 */
export async function invokeEnrol(site: Site, identities: readonly EnrolRequest[]): Promise<EnrolAnswer> {
  const name = functionName.enrol(site.name);
  // Region from the site; an endpoint from AWS_ENDPOINT_URL, as every AWS tool reads it.
  const lambda = new LambdaClient({ region: site.aws.region });
  try {
    const response = await lambda.send(
      new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify({ identities })) }),
    );
    const answer: unknown = JSON.parse(Buffer.from(response.Payload ?? []).toString("utf8") || "null");
    if (response.FunctionError) {
      const { errorMessage } = (answer ?? {}) as { errorMessage?: string };
      throw new CommandError(
        `${name}: ${errorMessage ?? response.FunctionError}`,
        "nothing of this batch was written here",
      );
    }
    return checkAnswer(name, answer);
  } catch (error) {
    throw inWords(error, name, site);
  } finally {
    lambda.destroy();
  }
}

/** The answer never goes into a message: it holds passwords. */
function checkAnswer(name: string, answer: unknown): EnrolAnswer {
  const { identities, trust, sequence } = (answer ?? {}) as Partial<EnrolAnswer>;
  const whole =
    Array.isArray(identities) &&
    identities.every((identity) => typeof identity?.name === "string" && typeof identity.password === "string") &&
    Array.isArray(trust) &&
    trust.length > 0 &&
    typeof sequence === "number";
  if (!whole)
    throw new CommandError(
      `${name}: its answer is not of the expected form`,
      "deploy the site with this version of the kit",
    );
  return { identities, trust, sequence };
}

function inWords(error: unknown, name: string, site: Site): unknown {
  if (!(error instanceof Error) || error instanceof CommandError) return error;
  switch (error.name) {
    case "ResourceNotFoundException":
      return new CommandError(
        `${name}: there is no such function in ${site.aws.region}`,
        `deploy site '${site.name}' first, and check the AWS account`,
      );
    case "AccessDeniedException":
      return new CommandError(
        `${name}: these AWS credentials may not invoke it`,
        "use a principal that has lambda:InvokeFunction on it",
      );
    case "CredentialsProviderError":
      return new CommandError(
        "no AWS credentials were found",
        "log in (for example 'aws sso login') or set AWS_PROFILE",
      );
    case "ExpiredTokenException":
    case "UnrecognizedClientException":
      return new CommandError(`AWS refused the credentials (${error.name})`, "log in again");
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED" || code === "ENOTFOUND" || error.name === "TimeoutError")
    return new CommandError(
      `AWS Lambda in ${site.aws.region} cannot be reached (${code ?? error.name})`,
      "check the network, and AWS_ENDPOINT_URL if it is set",
    );
  return error;
}

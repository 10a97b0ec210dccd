import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { functionName } from "../policy/deployment";
import type { Site } from "../policy/site";
import { callAws } from "./call-aws";
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
  const { region } = site.aws;
  const command = new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify({ identities })) });
  try {
    const right = `lambda:InvokeFunction on ${name}`;
    const response = await callAws({ service: "AWS Lambda", region, right }, () => lambda.send(command));
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
    if (!(error instanceof Error) || error.name !== "ResourceNotFoundException") throw error;
    throw new CommandError(
      `${name}: there is no such function in ${region}`,
      `deploy site '${site.name}' first, and check the AWS account`,
    );
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

import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { writeFile } from "node:fs/promises";
import { callAws } from "../call-aws";
import { CommandError } from "../command-error";

/**
 * Logs in to the account's ECR with the caller's own AWS credentials: ecr:GetAuthorizationToken, valid for 12 hours.
 * @param authFile file that the credentials are written to, 0600; the caller removes it
 * @returns the registry's host name
 * @throws CommandError if AWS does not answer, or answers for another account
 */
export async function ecrLogin(account: string, region: string, authFile: string): Promise<string> {
  const request = { service: "Amazon ECR", region, right: "ecr:GetAuthorizationToken" };
  const { authorizationData } = await callAws(request, () =>
    new ECRClient({ region }).send(new GetAuthorizationTokenCommand({})),
  );
  const [data] = authorizationData ?? [];
  const host = new URL(data?.proxyEndpoint ?? "https://nothing.invalid").host;
  if (!data?.authorizationToken || !host.startsWith(`${account}.`)) {
    throw new CommandError(
      `the AWS credentials of this shell are for the registry ${host}, the site is in account ${account}`,
      `use credentials of account ${account} (AWS_PROFILE), or name another registry with --to`,
    );
  }
  await writeFile(authFile, JSON.stringify({ auths: { [host]: { auth: data.authorizationToken } } }), { mode: 0o600 });
  return host;
}

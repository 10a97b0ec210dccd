import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { createPublicKey } from "node:crypto";
import { type AwsRequest, callAws } from "../call-aws";
import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";
import { requireP256 } from "./require-p256";
import type { Signer } from "./signer";

/**
 * Signs with a key that never leaves KMS. Calls kms:GetPublicKey once and kms:Sign for each signature.
 * @param arn of a key with key spec ECC_NIST_P256 and key usage SIGN_VERIFY
 * @throws CommandError if the text is no key ARN or the key is of another kind, or KMS is not to be had
 */
export async function kmsSigner(arn: string): Promise<Signer> {
  const [, region] = /^arn:[\w-]+:kms:([\w-]+):\d{12}:(?:key|alias)\/\S+$/.exec(arn) ?? [];
  if (!region) {
    throw new CommandError(
      `--kms-key: must be the ARN of a KMS key, got '${arn}'`,
      "it looks like arn:aws:kms:<region>:<account>:key/<id>",
      EXIT.usage,
    );
  }
  const kms = new KMSClient({ region });
  const request = (action: string): AwsRequest => ({ service: "AWS KMS", region, right: `kms:${action} on ${arn}` });
  const command = new GetPublicKeyCommand({ KeyId: arn });
  const answer = await callAws(request("GetPublicKey"), () => kms.send(command)).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== "NotFoundException") throw error;
    throw new CommandError(`${arn}: there is no such key`, "correct --kms-key, or use credentials of its account");
  });
  const publicKey = createPublicKey({ key: Buffer.from(answer.PublicKey ?? []), format: "der", type: "spki" });
  requireP256(publicKey, arn);
  return {
    name: arn,
    publicKey,
    sign: async (bytes) => {
      const input = { KeyId: arn, Message: bytes, MessageType: "RAW", SigningAlgorithm: "ECDSA_SHA_256" } as const;
      const { Signature } = await callAws(request("Sign"), () => kms.send(new SignCommand(input)));
      return Buffer.from(Signature ?? []);
    },
  };
}

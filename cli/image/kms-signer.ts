import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { createPublicKey } from "node:crypto";
import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";
import { requireP256 } from "./require-p256";
import type { Signer } from "./signer";

/**
 * Signs with a key that never leaves KMS. Calls kms:GetPublicKey once and kms:Sign for each signature.
 * @param arn of a key with key spec ECC_NIST_P256 and key usage SIGN_VERIFY
 * @throws CommandError if the text is no key ARN or the key is of another kind; KMS's own error if it refuses
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
  const answer = await kms.send(new GetPublicKeyCommand({ KeyId: arn }));
  const publicKey = createPublicKey({ key: Buffer.from(answer.PublicKey ?? []), format: "der", type: "spki" });
  requireP256(publicKey, arn);
  return {
    name: arn,
    publicKey,
    sign: async (bytes) => {
      const request = { KeyId: arn, Message: bytes, MessageType: "RAW", SigningAlgorithm: "ECDSA_SHA_256" } as const;
      const { Signature } = await kms.send(new SignCommand(request));
      return Buffer.from(Signature ?? []);
    },
  };
}

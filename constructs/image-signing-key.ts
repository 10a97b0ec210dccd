import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";
import { bootstrapName } from "../policy/bootstrap";
import { keyAdministration } from "./key-administration";
import { policyDocument } from "./policy-document";

export interface ImageSigningKeyProps {
  /** Twelve digits. */
  readonly account: string;
  /** ARNs of the roles that may sign. */
  readonly deployerRoles: readonly string[];
}

/**
 * The key that signs broker images: ECDSA P-256, whose private half never leaves KMS (decision 10).
 *
 * The deployer roles sign; everybody in the account whom IAM lets may fetch the public half and verify. Refuses to be
 * destroyed, because a signature is worth what its key is. Costs 1 USD a month and 0.15 per ten thousand signatures.
 *
 *     new ImageSigningKey(this, "signing", { account, deployerRoles });
 */
export class ImageSigningKey extends Construct {
  readonly key: KmsKey;

  constructor(scope: Construct, id: string, { account, deployerRoles }: ImageSigningKeyProps) {
    super(scope, id);
    this.key = new KmsKey(this, "key", {
      description: "mqtt-dmz: signs broker images",
      keyUsage: "SIGN_VERIFY",
      customerMasterKeySpec: "ECC_NIST_P256",
      deletionWindowInDays: 30,
      policy: policyDocument(
        keyAdministration(account),
        {
          Sid: "DeployersSign",
          Effect: "Allow",
          Principal: { AWS: deployerRoles },
          Action: "kms:Sign",
          Resource: "*",
        },
        {
          Sid: "AccountVerifies",
          Effect: "Allow",
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: ["kms:GetPublicKey", "kms:Verify"],
          Resource: "*",
        },
      ),
      lifecycle: { preventDestroy: true },
    });
    new KmsAlias(this, "alias", { name: bootstrapName.signingKeyAlias, targetKeyId: this.key.keyId });
  }
}

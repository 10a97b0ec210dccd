import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { Construct } from "constructs";
import { policyDocument } from "./policy-document";

export interface StateBucketProps {
  /** Bucket name, unique in the world. */
  readonly name: string;
}

/**
 * The bucket that keeps Terraform state: versioned, so that a damaged state can be taken back; encrypted; closed to the
 * public, to other accounts' objects and to plaintext HTTP. Locking is the S3 backend's own (`use_lockfile`), so there is
 * no lock table. Refuses to be destroyed. Costs cents a month.
 *
 *     new StateBucket(this, "state", { name: bootstrapName.stateBucket(account, region) });
 */
export class StateBucket extends Construct {
  readonly bucket: S3Bucket;

  constructor(scope: Construct, id: string, { name }: StateBucketProps) {
    super(scope, id);
    this.bucket = new S3Bucket(this, "bucket", { bucket: name, lifecycle: { preventDestroy: true } });
    const bucket = this.bucket.bucket;
    new S3BucketVersioningA(this, "versioning", { bucket, versioningConfiguration: { status: "Enabled" } });
    new S3BucketServerSideEncryptionConfigurationA(this, "encryption", {
      bucket,
      // S3's own key: state holds names and the access document, no secret (decision 4).
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    const closed = new S3BucketPublicAccessBlock(this, "public-access", {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketOwnershipControls(this, "ownership", { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } });
    new S3BucketPolicy(this, "policy", {
      bucket,
      policy: policyDocument({
        Sid: "TlsAlone",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [this.bucket.arn, `${this.bucket.arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
      // S3 answers a policy and an access block set at the same time with a conflict.
      dependsOn: [closed],
    });
  }
}

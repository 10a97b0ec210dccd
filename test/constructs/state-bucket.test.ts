import { describe, expect, test } from "@jest/globals";
import { StateBucket } from "../../constructs/state-bucket";
import { synth } from "../synth";
import { statements } from "./statements";

const built = synth((stack) => new StateBucket(stack, "state", { name: "plant-states" }));

describe("StateBucket", () => {
  test("keeps every version of a state", () => {
    expect(built.one("aws_s3_bucket_versioning")).toMatchObject({ versioning_configuration: { status: "Enabled" } });
  });

  test("encrypts", () => {
    expect(built.one("aws_s3_bucket_server_side_encryption_configuration").rule).toEqual([
      { apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } },
    ]);
  });

  test("is closed to the public in all four ways, and belongs to its account with all that is in it", () => {
    expect(built.one("aws_s3_bucket_public_access_block")).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(built.one("aws_s3_bucket_ownership_controls")).toMatchObject({
      rule: { object_ownership: "BucketOwnerEnforced" },
    });
  });

  test("refuses plaintext HTTP on itself and its objects, and allows nobody anything", () => {
    const arn = built.ref("state/bucket", "arn");
    expect(statements(built.one("aws_s3_bucket_policy"))).toMatchObject([
      {
        Effect: "Deny",
        principals: ["*"],
        actions: ["s3:*"],
        resources: [arn, `${arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  test("refuses to be destroyed", () => {
    expect(built.one("aws_s3_bucket")).toMatchObject({ bucket: "plant-states", lifecycle: { prevent_destroy: true } });
    expect(built.one("aws_s3_bucket")).not.toHaveProperty("force_destroy");
  });
});

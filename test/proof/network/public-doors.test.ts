import { describe, expect, test } from "@jest/globals";
import { Reference, type Value } from "../../../proof/facts/facts";
import { publicDoors } from "../../../proof/network/public-doors";
import { factsOf } from "./network-facts";

type Block = Readonly<Record<string, Value>>;
const doors = (blocks: Readonly<Record<string, Block>>) => publicDoors(factsOf(blocks), []);
const bucket = new Reference("aws_s3_bucket.b", "id");
const statement = (rest: object) =>
  JSON.stringify({ Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*", ...rest }] });
const policy = (rest: object): Record<string, Block> => ({
  "aws_s3_bucket_policy.p": { bucket, policy: statement(rest) },
});
const block = (value: boolean): Block => ({ bucket, block_public_policy: value, restrict_public_buckets: value });

describe("what AWS hands to anybody on the internet is doubted:", () => {
  test.each<[string, Record<string, Block>]>([
    ["a bucket's policy that allows everybody", policy({})],
    ["everybody in the longer form", policy({ Principal: { AWS: ["*"] } })],
    ["everybody but some", policy({ Principal: undefined, NotPrincipal: { AWS: "arn:aws:iam::123456789012:root" } })],
    ["a condition that everybody meets", policy({ Condition: { Bool: { "aws:SecureTransport": "true" } } })],
    ["a condition that a star meets", policy({ Condition: { StringLike: { "aws:SourceAccount": "*" } } })],
    ["any topic in the world", policy({ Condition: { ArnLike: { "aws:SourceArn": "arn:aws:sns:*:*:*" } } })],
    ["any role in the world", policy({ Condition: { StringLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/x" } } })],
    ["buckets by the beginning of a name", policy({ Condition: { ArnLike: { "aws:SourceArn": "arn:aws:s3:::b*" } } })],
    ["any endpoint in the world", policy({ Condition: { StringLike: { "aws:SourceVpce": "vpce-*" } } })],
    [
      "a queue's reader that stands in a network",
      { "aws_lambda_event_source_mapping.m": { source_access_configuration: [{ type: "VPC_SUBNET", uri: "x" }] } },
    ],
    [
      "a condition that counts only if it is there",
      policy({ Condition: { StringEqualsIfExists: { "aws:SourceVpce": "x" } } }),
    ],
    [
      "a block of another bucket",
      { ...policy({}), "aws_s3_bucket_public_access_block.b": { ...block(true), bucket: "x" } },
    ],
    ["a block that blocks nothing", { ...policy({}), "aws_s3_bucket_public_access_block.b": block(false) }],
    [
      "a policy that nobody can read",
      { "aws_s3_bucket_policy.p": { bucket, policy: new Reference("data.x.y", "json") } },
    ],
    ["a readable ACL", { "aws_s3_bucket_acl.a": { bucket, acl: "public-read" } }],
    [
      "an ACL that names everybody",
      {
        "aws_s3_bucket_acl.a": {
          bucket,
          access_control_policy: [
            { grant: [{ grantee: [{ uri: "http://acs.amazonaws.com/groups/global/AllUsers" }], permission: "READ" }] },
          ],
        },
      },
    ],
    ["a website of the older form", { "aws_s3_bucket.b": { website: [{ index_document: "index.html" }] } }],
    ["a topic", { "aws_sns_topic_policy.t": { policy: statement({ Action: "sns:Publish" }) } }],
    ["a function that everybody may call", { "aws_lambda_permission.f": { principal: "*" } }],
  ])("%s", (_, blocks) => {
    expect(doors(blocks).length).toBe(1);
  });

  test.each<[string, Record<string, Block>]>([
    ["a policy that denies everybody something", policy({ Effect: "Deny" })],
    ["a policy that names somebody", policy({ Principal: { AWS: "arn:aws:iam::123456789012:root" } })],
    [
      "everybody in one's own account",
      policy({ Condition: { StringEquals: { "aws:PrincipalAccount": "123456789012" } } }),
    ],
    ["one account's topics", policy({ Condition: { ArnLike: { "aws:SourceArn": "arn:aws:sns:*:123456789012:*" } } })],
    [
      "a part of one's own organization",
      policy({ Condition: { StringLike: { "aws:PrincipalOrgPaths": "o-abc123/r-x/*" } } }),
    ],
    [
      "everybody, where public access is blocked",
      { ...policy({}), "aws_s3_bucket_public_access_block.b": block(true) },
    ],
    ["a private ACL", { "aws_s3_bucket_acl.a": { bucket, acl: "private" } }],
    [
      "a function that one bucket calls",
      { "aws_lambda_permission.f": { principal: "*", source_arn: "arn:aws:s3:::b" } },
    ],
  ])("but not %s", (_, blocks) => {
    expect(doors(blocks)).toEqual([]);
  });
});

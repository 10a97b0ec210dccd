import { attributeRule } from "./attribute-rule";
import { isTrue, refersTo } from "./attributes";

const SWITCHES = ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"] as const;

export const bucketsAreClosed = attributeRule({
  id: "buckets-are-closed",
  what: "Every bucket refuses public access, whatever a policy or list says later.",
  why: "State and images in a bucket tell how the plant is built.",
  promises: ["P9"],
  controls: ["M0930", "SR 2.1", "AC-3"],
  types: ["aws_s3_bucket"],
  source: "anybody on the internet",
  look: ({ address, values: bucket }, { facts }) =>
    facts.resources.some(
      ({ type, values }) =>
        type === "aws_s3_bucket_public_access_block" &&
        (refersTo(values["bucket"], address) ||
          (typeof values["bucket"] === "string" && values["bucket"] === bucket["bucket"])) &&
        SWITCHES.every((name) => isTrue(values[name])),
    ) || "has no block of public access with all four switches",
});

import type { Answer, StandIn } from "./stand-in";

/** A bucket's policy: the emulator would apply it without its conditions, and refuse everybody for lack of TLS. */
export function bucketPolicy(): StandIn {
  const policies = new Map<string, string>();
  const missing = (bucket: string): Answer => ({
    status: 404,
    headers: { "content-type": "application/xml" },
    body:
      "<Error><Code>NoSuchBucketPolicy</Code><Message>The bucket policy does not exist</Message>" +
      `<BucketName>${bucket}</BucketName></Error>`,
  });
  return {
    name: "S3 bucket policy",
    why: "the emulator applies bucket policies without their conditions",
    answer: async (request) => {
      const bucket = /^\/([^/?]+)\/?\?(?:.*&)?policy(?:=|&|$)/.exec(request.url)?.[1];
      if (request.service !== "s3" || bucket === undefined) return undefined;
      if (request.method === "PUT") {
        policies.set(bucket, request.body.toString("utf8"));
        return { status: 204, headers: {}, body: "" };
      }
      if (request.method === "DELETE")
        return policies.delete(bucket) ? { status: 204, headers: {}, body: "" } : missing(bucket);
      const policy = policies.get(bucket);
      return policy === undefined
        ? missing(bucket)
        : { status: 200, headers: { "content-type": "application/json" }, body: policy };
    },
    remaining: () => policies.size,
  };
}

import type { AwsRequest } from "../aws-request";
import type { Answer, StandIn } from "./stand-in";

/** The error of DescribeNetworkAcls for an ACL that is not there, by its right name: the provider goes by that. */
export function networkAclErrors(forward: (request: AwsRequest) => Promise<Answer>): StandIn {
  return {
    name: "EC2 DescribeNetworkAcls' error",
    why: "the emulator says that a route table is missing when an ACL is",
    answer: async (request) => {
      if (request.service !== "ec2" || request.action !== "DescribeNetworkAcls") return undefined;
      const answer = await forward(request);
      return { ...answer, body: answer.body.replace("InvalidRouteTableID.NotFound", "InvalidNetworkAclID.NotFound") };
    },
    remaining: () => 0,
  };
}

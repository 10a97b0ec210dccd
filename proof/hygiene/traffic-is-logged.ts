import { attributeRule } from "./attribute-rule";
import { refersTo } from "./attributes";

export const trafficIsLogged = attributeRule({
  id: "traffic-is-logged",
  what: "Every VPC has a flow log of all traffic, what was refused included.",
  why: "A scan of the plant's way in shows as refused flows, and nowhere else.",
  promises: ["P9"],
  controls: ["M0931", "SR 6.2", "SI-4"],
  types: ["aws_vpc"],
  source: "an intruder on the network",
  look: ({ address }, { facts }) =>
    facts.resources.some(
      ({ type, values }) =>
        type === "aws_flow_log" && values["traffic_type"] === "ALL" && refersTo(values["vpc_id"], address),
    ) || "has no flow log with 'traffic_type' ALL",
});

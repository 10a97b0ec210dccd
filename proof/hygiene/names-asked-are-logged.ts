import { attributeRule } from "./attribute-rule";
import { refersTo } from "./attributes";

export const namesAskedAreLogged = attributeRule({
  id: "names-asked-are-logged",
  what: "Every VPC logs what names are looked up in it.",
  why: "From an isolated subnet DNS is the way out; who uses it asks for names that nobody knows.",
  promises: ["P9"],
  controls: ["M0931", "SR 6.2", "SI-4"],
  types: ["aws_vpc"],
  source: "software that was taken over and calls home",
  look: ({ address }, { facts }) =>
    facts.resources.some(
      ({ type, values }) =>
        type === "aws_route53_resolver_query_log_config_association" && refersTo(values["resource_id"], address),
    ) || "has no resolver query log",
});

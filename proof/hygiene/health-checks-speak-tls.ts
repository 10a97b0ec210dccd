import { attributeRule } from "./attribute-rule";
import { blocksOf, isLiteral } from "./attributes";

export const healthChecksSpeakTls = attributeRule({
  id: "health-checks-speak-tls",
  what: "Health checks ask over HTTPS, or only open a TCP connection.",
  why: "A check in clear text needs a port that speaks clear text, which then is there for everybody.",
  promises: ["P3"],
  controls: ["M0808", "SR 4.1", "SC-8"],
  types: ["aws_lb_target_group"],
  source: "whoever reaches the checked port",
  look: ({ values }) =>
    blocksOf(values["health_check"]).map(({ protocol }) =>
      isLiteral(
        "health_check.protocol",
        protocol,
        (name) => name === "HTTPS" || name === "TCP",
        "checks in clear text",
      ),
    ),
});

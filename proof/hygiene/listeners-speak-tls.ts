import { PORTS } from "../../policy/deployment";
import { attributeRule, type Finding } from "./attribute-rule";
import { blocksOf, isLiteral } from "./attributes";

/** AWS's policies whose oldest version is TLS 1.2 (Elastic Load Balancing, "Security policies"). */
const FLOOR = /^ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)-/;
const PASS_THROUGH: readonly unknown[] = Object.values(PORTS);

export const listenersSpeakTls = attributeRule({
  id: "listeners-speak-tls",
  what: "Every listener speaks TLS 1.2 or newer, or passes TCP through on the ports of MQTT over TLS and HTTPS, where the broker ends TLS itself.",
  why: "Without TLS the password of a device stands in the clear on every network on the way.",
  promises: ["P3"],
  controls: ["M0802", "M0808", "SR 3.1", "SR 4.1", "SC-8", "SC-23"],
  types: ["aws_lb_listener"],
  source: "whoever can listen on the way",
  look: ({ values }): Finding => {
    const { protocol, port, ssl_policy } = values;
    if (protocol === "TLS" || protocol === "HTTPS")
      return isLiteral(
        "ssl_policy",
        ssl_policy,
        (policy) => typeof policy === "string" && FLOOR.test(policy),
        "has an 'ssl_policy' that speaks TLS 1.1 or older, or names none",
      );
    if (protocol === "TCP")
      return isLiteral(
        "port",
        port,
        (value) => PASS_THROUGH.includes(Number(value)),
        "passes through a port where no TLS is spoken",
      );
    const redirects = blocksOf(values["default_action"]).every((action) =>
      blocksOf(action["redirect"]).some((to) => to["protocol"] === "HTTPS"),
    );
    if (protocol === "HTTP" && blocksOf(values["default_action"]).length > 0 && redirects) return true;
    return isLiteral("protocol", protocol, () => false, "speaks no TLS");
  },
});

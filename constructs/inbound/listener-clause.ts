import { PORTS } from "../../policy/deployment";
import { fault, type Clause } from "./clause";
import { literalNumber } from "./literal";

/** A load balancer listens on tcp 8883 and 443 alone, and passes TLS through to the broker (decision 7). */
export const listenerClause: Clause = ({ type, path, attributes }) => {
  if (type !== "aws_lb_listener" && type !== "aws_alb_listener") return [];
  const ports: readonly number[] = Object.values(PORTS);
  const port = literalNumber(attributes.port);
  const fix = "there are two public ports, passed through unread; take the listener away";
  return [
    ...(port !== undefined && ports.includes(port)
      ? []
      : [fault(path, "port", `must be ${ports.join(" or ")}`, attributes.port, fix)]),
    ...(attributes.protocol === "TCP" ? [] : [fault(path, "protocol", "must be 'TCP'", attributes.protocol, fix)]),
  ];
};

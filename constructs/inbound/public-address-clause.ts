import { fault, type Clause } from "./clause";
import { blocks, everyAttribute, isOff } from "./literal";

const GIVES_ADDRESS: ReadonlySet<string> = new Set([
  "assign_public_ip",
  "associate_public_ip_address",
  "associate_carrier_ip_address",
  "map_public_ip_on_launch",
  "publicly_accessible",
]);

/** Elastic IPs belong to the load balancer, which claims them in its own subnet mapping. */
const TIES_ADDRESS = ["instance", "network_interface", "associate_with_private_ip"];

/** No public address on a task, an instance or a network interface: attributes that give one, wherever they stand. */
export const publicAddressClause: Clause = ({ type, path, attributes }) => [
  ...[...everyAttribute(attributes)]
    .filter(([key, value]) => GIVES_ADDRESS.has(key) && !isOff(value))
    .map(([key, value]) =>
      fault(path, key, "must be false", value, "the load balancer alone has public addresses; reach it through that"),
    ),
  ...(type === "aws_eip" ? TIES_ADDRESS : [])
    .filter((key) => blocks(attributes[key]).length > 0)
    .map((key) => fault(path, key, "must be absent", attributes[key], "an Elastic IP belongs to the load balancer")),
];

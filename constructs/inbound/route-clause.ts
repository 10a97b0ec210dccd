import { fault, type Clause } from "./clause";
import { blocks } from "./literal";

const TABLES: ReadonlySet<string> = new Set(["aws_route_table", "aws_default_route_table"]);
const FIX = "the broker subnets know the VPC and the gateway endpoints, which enter their routes themselves";

/**
 * No route out of the VPC but in the public route table, and no subnet under another table than its own. (NAT gateways and
 * what else would bring routes by itself are closed types.)
 */
export const routeClause: Clause = ({ type, id, path, attributes }, { publicRouteTables, routeTableOf }) => {
  if (TABLES.has(type) && !publicRouteTables.has(`\${${type}.${id}.id}`))
    return ["route", "propagating_vgws", "dynamic"]
      .filter((key) => blocks(attributes[key]).length > 0)
      .map((key) => fault(path, key, "must stand in the public route table alone", attributes[key], FIX));
  const { route_table_id: table, subnet_id: subnet } = attributes;
  if (type === "aws_route" && !publicRouteTables.has(String(table)))
    return [fault(path, "route_table_id", "must be the public route table", table, FIX)];
  if (
    type === "aws_route_table_association" &&
    (!routeTableOf.has(String(subnet)) || routeTableOf.get(String(subnet)) !== table)
  )
    return [
      fault(
        path,
        "route_table_id",
        "must be the one that DmzNetwork gives the subnet",
        table,
        `the subnet is ${String(subnet)}; take the association away`,
      ),
    ];
  return [];
};

import { type Facts, Reference, type Resource, type Value } from "../facts/facts";

/** Hours of a month, as AWS's calculators count. */
const HOURS = 730;

/** USD a month that a resource costs for standing there, without traffic; undefined where a value that decides is not known. */
type Price = (resource: Resource, facts: Facts) => number | undefined;

const flat =
  (usd: number): Price =>
  () =>
    usd;
const hourly = (usd: number): Price => flat(usd * HOURS);

const numberOf = (value: Value | undefined): number | undefined =>
  typeof value === "number" ? value : typeof value === "string" && /^\d+$/.test(value) ? Number(value) : undefined;

const endpoint: Price = ({ values }) => {
  // Terraform's own default is a gateway, which is free.
  const type = values.vpc_endpoint_type ?? "Gateway";
  if (type === "Gateway") return 0;
  return Array.isArray(values.subnet_ids) ? 0.012 * HOURS * values.subnet_ids.length : undefined;
};

/** Fargate, Linux on x86: a vCPU-hour and a GiB-hour. The task definition counts in 1024ths and in MiB. */
const service: Price = ({ values }, facts) => {
  const definition = values.task_definition;
  const task = definition instanceof Reference ? facts.byAddress.get(definition.address)?.values : undefined;
  const [count, cpu, memory] = [values.desired_count, task?.cpu, task?.memory].map(numberOf);
  if (count === undefined || cpu === undefined || memory === undefined) return undefined;
  return count * HOURS * ((cpu / 1024) * 0.04656 + (memory / 1024) * 0.00511);
};

/**
 * AWS's public list prices for eu-central-1, the same that `docs/cost.md` explains. What is billed by use
 * alone (logs, storage, queries, runs) stands with nothing: a review compares what stands, and traffic does not change
 * with a declaration.
 */
const PRICES: Readonly<Record<string, Price>> = {
  aws_vpc_endpoint: endpoint,
  aws_ecs_service: service,
  aws_lb: hourly(0.027),
  aws_eip: hourly(0.005),
  aws_kms_key: flat(1),
  aws_secretsmanager_secret: flat(0.4),
  aws_nat_gateway: hourly(0.052),
  aws_vpn_connection: hourly(0.05),
  aws_ec2_transit_gateway_vpc_attachment: hourly(0.06),
  aws_route53_zone: flat(0.5),
  aws_cloudwatch_metric_alarm: flat(0.1),
  aws_cloudwatch_dashboard: flat(3),
};

/** Kinds that cost nothing for standing there: free, or billed by use alone. `x_*` is a whole family. */
const FREE: readonly string[] = [
  "aws_ami",
  "aws_backup_*",
  "aws_cloudwatch_log_*",
  "aws_customer_gateway",
  "aws_default_*",
  "aws_dynamodb_*",
  "aws_ebs_snapshot",
  "aws_ecr_*",
  "aws_ecs_cluster",
  "aws_ecs_task_definition",
  "aws_efs_*",
  "aws_flow_log",
  "aws_iam_*",
  "aws_internet_gateway",
  "aws_kms_alias",
  "aws_lambda_*",
  "aws_lb_listener",
  "aws_lb_listener_rule",
  "aws_lb_target_group",
  "aws_network_acl",
  "aws_route",
  "aws_route53_record",
  "aws_route53_resolver_firewall_*",
  "aws_route53_resolver_query_*",
  "aws_route_table",
  "aws_route_table_association",
  "aws_s3_*",
  "aws_scheduler_*",
  "aws_secretsmanager_secret_*",
  "aws_security_group",
  "aws_sns_*",
  "aws_subnet",
  "aws_vpc",
  "aws_vpc_security_group_*",
  "aws_vpn_gateway",
];

const isFree = (type: string): boolean =>
  FREE.some((free) => (free.endsWith("*") ? type.startsWith(free.slice(0, -1)) : type === free));

/** What one resource costs for standing there, in USD a month; undefined if this kit does not know. */
export const standingPrice = (resource: Resource, facts: Facts): number | undefined => {
  const price = PRICES[resource.type];
  if (price) return price(resource, facts);
  return resource.mode === "data" || isFree(resource.type) ? 0 : undefined;
};

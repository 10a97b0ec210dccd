/**
 * Attributes whose change makes Terraform destroy the resource and create another, by kind, as the AWS provider 5.100's
 * documentation and behaviour have it. For reviews without a plan: a plan knows by itself. A kind that is not here is
 * taken for one that changes in place.
 */
export const REPLACING: Readonly<Record<string, readonly string[]>> = {
  aws_backup_vault: ["name", "kms_key_arn"],
  aws_cloudwatch_log_group: ["name", "name_prefix"],
  aws_dynamodb_table: ["name", "hash_key", "range_key"],
  aws_ecr_repository: ["name", "encryption_configuration"],
  aws_ecs_cluster: ["name"],
  aws_ecs_service: ["name", "cluster", "launch_type", "scheduling_strategy"],
  aws_efs_access_point: ["file_system_id", "posix_user", "root_directory"],
  aws_efs_file_system: ["availability_zone_name", "creation_token", "encrypted", "kms_key_id", "performance_mode"],
  aws_efs_mount_target: ["file_system_id", "ip_address", "subnet_id"],
  aws_eip: ["domain", "address", "public_ipv4_pool", "network_border_group"],
  aws_flow_log: ["log_destination", "log_destination_type", "traffic_type", "vpc_id", "iam_role_arn"],
  aws_iam_role: ["name", "name_prefix", "path"],
  aws_iam_role_policy: ["name", "role"],
  aws_kms_alias: ["name"],
  aws_kms_key: ["customer_master_key_spec", "key_usage", "multi_region"],
  aws_lambda_function: ["function_name", "package_type"],
  aws_lb: ["name", "internal", "load_balancer_type"],
  aws_lb_target_group: ["name", "port", "protocol", "vpc_id", "target_type", "ip_address_type"],
  aws_network_acl: ["vpc_id"],
  aws_route_table: ["vpc_id"],
  aws_s3_bucket: ["bucket", "bucket_prefix"],
  aws_secretsmanager_secret: ["name", "name_prefix"],
  aws_security_group: ["name", "name_prefix", "description", "vpc_id"],
  aws_sns_topic: ["name", "fifo_topic"],
  aws_subnet: ["availability_zone", "cidr_block", "vpc_id"],
  aws_vpc: ["cidr_block", "instance_tenancy"],
  aws_vpc_endpoint: ["service_name", "vpc_endpoint_type", "vpc_id"],
};

/** Kinds that hold what cannot be made again, and what that is. */
export const HOLDS: Readonly<Record<string, string>> = {
  aws_backup_vault: "backups",
  aws_cloudwatch_log_group: "logs",
  aws_dynamodb_table: "the lease and the manifests",
  aws_ecr_repository: "images",
  aws_efs_access_point: "the way to the messages",
  aws_efs_file_system: "messages",
  aws_eip: "an address that plant firewalls allow",
  aws_kms_key: "a key, and with it all that it encrypts",
  aws_s3_bucket: "Terraform state",
  aws_secretsmanager_secret: "a secret",
};

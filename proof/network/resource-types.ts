/**
 * Every resource type of the AWS provider 5.100.0 by what it can do to reachability. The longest entry decides; `x_*` is
 * a family. A type that is in no list is new to us, and then no network property is PROVEN.
 */

/** The model reads these, or their part in it is nothing that the model leaves out. */
export const MODELLED: readonly string[] = [
  "aws_alb",
  "aws_alb_listener",
  "aws_alb_listener_rule",
  "aws_alb_target_group",
  "aws_alb_target_group_attachment",
  "aws_default_network_acl",
  "aws_default_route_table",
  "aws_default_security_group",
  "aws_ec2_client_vpn_authorization_rule",
  "aws_ec2_client_vpn_endpoint",
  "aws_ec2_client_vpn_network_association",
  "aws_ec2_client_vpn_route",
  "aws_ec2_managed_prefix_list",
  "aws_ec2_managed_prefix_list_entry",
  "aws_ec2_transit_gateway",
  "aws_ec2_transit_gateway_vpc_attachment",
  "aws_ecs_service",
  "aws_efs_mount_target",
  "aws_egress_only_internet_gateway",
  "aws_eip",
  "aws_eip_association",
  "aws_elb",
  "aws_elb_attachment",
  "aws_instance",
  "aws_internet_gateway",
  "aws_internet_gateway_attachment",
  "aws_lambda_function",
  "aws_lb",
  "aws_lb_listener",
  "aws_lb_listener_rule",
  "aws_lb_target_group",
  "aws_lb_target_group_attachment",
  "aws_main_route_table_association",
  "aws_nat_gateway",
  "aws_network_acl",
  "aws_network_acl_association",
  "aws_network_acl_rule",
  "aws_network_interface",
  "aws_network_interface_attachment",
  "aws_network_interface_sg_attachment",
  "aws_route",
  "aws_route53_resolver_firewall_config",
  "aws_route53_resolver_firewall_domain_list",
  "aws_route53_resolver_firewall_rule",
  "aws_route53_resolver_firewall_rule_group",
  "aws_route53_resolver_firewall_rule_group_association",
  "aws_route_table",
  "aws_route_table_association",
  "aws_security_group",
  "aws_security_group_rule",
  "aws_subnet",
  "aws_vpc",
  "aws_vpc_endpoint",
  "aws_vpc_endpoint_policy",
  "aws_vpc_endpoint_route_table_association",
  "aws_vpc_endpoint_security_group_association",
  "aws_vpc_endpoint_service",
  "aws_vpc_endpoint_subnet_association",
  "aws_vpc_ipv4_cidr_block_association",
  "aws_vpc_ipv6_cidr_block_association",
  "aws_vpc_peering_connection",
  "aws_vpc_peering_connection_accepter",
  "aws_vpc_peering_connection_options",
  "aws_vpc_security_group_egress_rule",
  "aws_vpc_security_group_ingress_rule",
  "aws_vpn_connection",
  "aws_vpn_connection_route",
  "aws_vpn_gateway",
  "aws_vpn_gateway_attachment",
  "aws_vpn_gateway_route_propagation",
];

const words = (text: string): readonly string[] =>
  text
    .trim()
    .split(/\s+/)
    .map((word) => `aws_${word}`);

/** No interface, no listener, no route: by the reason why. */
export const HARMLESS: readonly { readonly why: string; readonly types: readonly string[] }[] = [
  {
    why: "says who may do what; it moves no packet",
    types: words(`
      accessanalyzer_* account_* acmpca_* acm_* cloudhsm_v2_hsm cognito_* iam_* identitystore_* key_pair kms_* lakeformation_*
      organizations_* paymentcryptography_* rolesanywhere_* secretsmanager_* signer_* ssoadmin_* verifiedpermissions_*
      controltower_* servicequotas_* licensemanager_* lb_trust_store*
      ecr_* efs_file_system_policy api_gateway_account`),
  },
  {
    why: "keeps data, and is reached through AWS's own API alone",
    types: words(`
      backup_* dlm_* dynamodb_* ebs_* efs_access_point efs_backup_policy efs_file_system efs_replication_configuration glacier_*
      keyspaces_* kinesis_stream kinesis_stream_consumer kinesis_resource_policy qldb_* rbin_* s3_* s3control_* s3tables_* simpledb_*
      snapshot_* sns_* sqs_* ssm_parameter timestreamquery_* timestreamwrite_* volume_attachment ami ami_copy
      ami_from_instance ami_launch_permission codeartifact_* codecommit_* athena_* glue_catalog_* glue_data_* glue_partition*
      glue_registry glue_resource_policy glue_schema glue_security_configuration glue_user_defined_function schemas_*`),
  },
  {
    why: "watches, records or counts",
    types: words(`
      auditmanager_* bcmdataexports_* budgets_* ce_* cloudtrail cloudtrail_* cloudwatch_composite_alarm
      cloudwatch_contributor_* cloudwatch_dashboard cloudwatch_event_archive cloudwatch_event_bus cloudwatch_event_bus_policy
      cloudwatch_event_permission cloudwatch_event_rule cloudwatch_log_* cloudwatch_metric_* cloudwatch_query_definition
      computeoptimizer_* config_aggregate_authorization config_config_rule config_configuration_* config_conformance_pack
      config_delivery_channel config_organization_* config_retention_configuration costoptimizationhub_* cur_* detective_*
      devopsguru_* ec2_network_insights_* ec2_traffic_mirror_filter ec2_traffic_mirror_filter_rule flow_log guardduty_*
      inspector_* inspector2_* internetmonitor_* macie2_* notifications_* notificationscontacts_*
      oam_* resourceexplorer2_* resourcegroups_* route53_resolver_query_log_config*
      route53_query_log securityhub_* securitylake_* vpc_endpoint_connection_notification
      vpc_network_performance_metric_subscription xray_* rum_* resiliencehub_* applicationinsights_application`),
  },
  {
    why: "names or numbers things; what it names must be open already",
    types: words(`
      customer_gateway default_vpc_dhcp_options ec2_availability_zone_group ec2_subnet_cidr_reservation ec2_tag eip_domain_name
      ecs_tag proxy_protocol_policy route53_delegation_set route53_health_check route53_hosted_zone_dnssec route53_key_signing_key
      route53_record route53_records_exclusive route53_traffic_policy* route53_vpc_association_authorization route53_zone
      route53_zone_association route53_cidr_* route53domains_* service_discovery_* servicecatalogappregistry_*
      vpc_dhcp_options vpc_dhcp_options_association vpc_ipam vpc_ipam_* vpc_endpoint_private_dns
      vpc_endpoint_service_private_dns_verification placement_group`),
  },
  {
    why: "limits what others may do",
    types: words(`
      ec2_image_block_public_access ec2_instance_metadata_defaults ec2_serial_console_access ec2_default_credit_specification
      fms_admin_account fms_resource_set shield_* vpc_block_public_access_* waf_* wafregional_* wafv2_* lambda_code_signing_config
      lambda_function_recursion_config`),
  },
  {
    why: "settings of a resource that is itself looked at",
    types: words(`
      app_cookie_stickiness_policy appautoscaling_* ec2_capacity_* ec2_host ec2_instance_state ecs_account_setting_default
      ecs_cluster ecs_cluster_capacity_providers ecs_task_definition lambda_alias lambda_event_source_mapping
      lambda_function_event_invoke_config lambda_invocation lambda_layer_version lambda_layer_version_permission
      lambda_permission lambda_provisioned_concurrency_config lambda_runtime_management_config lb_cookie_stickiness_policy
      lb_listener_certificate alb_listener_certificate lb_ssl_negotiation_policy load_balancer_backend_server_policy
      load_balancer_listener_policy load_balancer_policy vpc_endpoint_connection_accepter
      vpc_endpoint_service_allowed_principal ec2_carrier_gateway snapshot_create_volume_permission`),
  },
];

/** Makes interfaces, listeners or routes that the model does not see: by what it could open. */
export const COULD_OPEN: readonly { readonly why: string; readonly types: readonly string[] }[] = [
  {
    why: "answers on the internet beside the load balancer",
    types: words(`
      amplify_* api_gateway_* apigatewayv2_* apprunner_* appsync_* cloudfront_* cloudfrontkeyvaluestore_* elastic_beanstalk_*
      globalaccelerator_* grafana_* iot_* lambda_function_url lightsail_* location_* mq_* quicksight_* transfer_* verifiedaccess_*
      vpclattice_* cognito_user_pool_domain ecrpublic_* s3_bucket_website_configuration s3control_multi_region_access_point*
      s3control_object_lambda_access_point* cloudwatch_event_endpoint ivs_* ivschat_* media_* medialive_* pinpoint_* pinpointsmsvoicev2_* ses_* sesv2_*
      chime_* chimesdkmediapipelines_* chimesdkvoice_* connect_* customerprofiles_* lex_* lexv2models_* gamelift_* worklink_*`),
  },
  {
    why: "starts machines or interfaces in a VPC by itself",
    types: words(`
      appstream_* autoscaling_* autoscalingplans_* batch_* bedrock_* bedrockagent_* cloud9_* cloudhsm_v2_cluster cloudsearch_* codebuild_* codecatalyst_*
      codeconnections_* codedeploy_* codegurureviewer_* codeguruprofiler_* codepipeline codepipeline_* codestarconnections_*
      codestarnotifications_* datapipeline_* datasync_* datazone_* dataexchange_* dax_* db_* directory_* dms_* docdb_* docdbelastic_* drs_* dsql_*
      ec2_fleet ec2_instance_connect_endpoint ec2_traffic_mirror_session ec2_traffic_mirror_target ecs_capacity_provider
      ecs_task_set eks_* elasticache_* elasticsearch_* elastictranscoder_* emr_* emrcontainers_* emrserverless_* evidently_*
      finspace_* fis_* networkmonitor_* guardduty_detector_feature guardduty_member_detector_feature
      guardduty_organization_configuration_feature backup_restore_testing_* fsx_* glue_* imagebuilder_* kendra_* kinesis_analytics_* kinesis_firehose_* kinesis_video_*
      kinesisanalyticsv2_* launch_configuration launch_template m2_* memorydb_* msk_* mskconnect_* mwaa_* neptune_*
      neptunegraph_* opensearch_* opensearchserverless_* osis_* pipes_* prometheus_* qbusiness_* rds_* redshift_*
      redshiftdata_* redshiftserverless_* rekognition_* sagemaker_* scheduler_* spot_* ssm_* ssmcontacts_* ssmincidents_*
      ssmquicksetup_* storagegateway_* swf_* synthetics_* timestreaminfluxdb_* transcribe_* workspaces_* workspacesweb_*
      cloudwatch_event_target cloudwatch_event_api_destination cloudwatch_event_connection devicefarm_* comprehend_* cleanrooms_*
      appconfig_* appfabric_* appflow_* appintegrations_* appmesh_* chatbot_* config_remediation_configuration lb_* alb_*`),
  },
  {
    why: "makes resources that the plan does not show",
    types: words(`
      cloudcontrolapi_resource cloudformation_* opsworks_* serverlessapplicationrepository_* servicecatalog_* sfn_*`),
  },
  {
    why: "changes routes or joins networks in a way that is not modelled",
    types: words(`
      default_subnet default_vpc network_interface_permission ram_* fms_policy dx_* ec2_local_gateway_* ec2_transit_gateway_* networkfirewall_* networkmanager_*
      route53_resolver_endpoint route53_resolver_rule route53_resolver_rule_association route53_resolver_config
      route53_resolver_dnssec_config route53profiles_* route53recoverycontrolconfig_* route53recoveryreadiness_*
      vpc_route_server* vpc_security_group_vpc_association ec2_transit_gateway_vpc_attachment_accepter s3outposts_*`),
  },
];

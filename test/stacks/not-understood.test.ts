import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { EfsMountTarget } from "@cdktf/provider-aws/lib/efs-mount-target";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { Route } from "@cdktf/provider-aws/lib/route";
import { describe, expect, test } from "@jest/globals";
import { TerraformHclModule } from "cdktf";
import { type Dmz, tcp, type Fork, faults, WORLD, admit, COMPANY, existing, raw } from "./dmz-fork";

describe("what cannot be understood is refused:", () => {
  const OPAQUE = [
    "aws_api_gateway_vpc_link",
    "aws_apigatewayv2_vpc_link",
    "aws_apprunner_service",
    "aws_cloudcontrolapi_resource",
    "aws_cloudformation_stack",
    "aws_cloudformation_stack_set",
    "aws_cloudfront_vpc_origin",
    "aws_default_subnet",
    "aws_ec2_instance_connect_endpoint",
    "aws_eks_cluster",
    "aws_elastic_beanstalk_environment",
    "aws_globalaccelerator_custom_routing_listener",
    "aws_globalaccelerator_listener",
    "aws_lambda_function_url",
    "aws_lightsail_instance",
    "aws_new_thing",
    "aws_opsworks_stack",
    "aws_serverlessapplicationrepository_cloudformation_stack",
    "aws_servicecatalog_provisioned_product",
    "aws_sfn_state_machine",
    "aws_ssm_association",
    "aws_ssm_document",
    "aws_transfer_server",
    "aws_verifiedaccess_endpoint",
    "aws_vpclattice_service",
    "awscc_ec2_security_group_ingress",
    "null_resource",
  ];
  test("every kind of door that the model does not know, by its name alone", () => {
    const found = faults(({ stack }) => {
      for (const type of OPAQUE) stack.addOverride(`resource.${type}.extra`, { name: "x" });
    });
    // No more than twenty are told at once.
    const told = found.filter((fault) =>
      fault.includes(".extra must be understood to prove 'internet-reaches-exactly'"),
    );
    expect(told.length).toBe(20);
    expect(found.at(-1)).toBe(`... and ${OPAQUE.length - 20} more of the kind`);
  });
  test.each(OPAQUE)("%s", (type) => {
    expect(faults(raw(type, () => ({ name: "x" })))).toEqual([
      expect.stringContaining(`plant: ${type}.extra must be understood to prove 'internet-reaches-exactly'`),
    ]);
  });

  test.each<[string, Fork, string]>([
    ["a data source that runs a program", ({ stack }) => stack.addOverride("data.external.x", {}), "data.external.x"],
    ["a data source of a stranger", ({ stack }) => stack.addOverride("data.shell_script.x", {}), "data.shell_script.x"],
    [
      "another provider, of which nothing is made",
      ({ stack }) => stack.addOverride("terraform.required_providers.awscc", { source: "hashicorp/awscc" }),
      "plant: 'terraform.required_providers.awscc'",
    ],
    [
      "another provider under a known one's name",
      ({ stack }) => stack.addOverride("terraform.required_providers.random", { source: "example/random" }),
      "plant: 'terraform.required_providers.random'",
    ],
    [
      "a resource of a stranger under a known one's name",
      (d) => {
        d.stack.addOverride("terraform.required_providers.random", { source: "example/random" });
        raw("random_id", () => ({ byte_length: 8 }))(d);
      },
      "random_id.extra must be understood",
    ],
    ["a provider that nothing requires", ({ stack }) => stack.addOverride("provider.shell", [{}]), "'provider.shell'"],
    [
      "a program that Terraform runs",
      ({ firewall }) => firewall.tasks.addOverride("provisioner", [{ "local-exec": { command: "aws ec2" } }]),
      "plant/firewall/tasks (",
    ],
    [
      "a module",
      ({ stack }) => new TerraformHclModule(stack, "extra", { source: "terraform-aws-modules/vpc/aws" }),
      "plant: module.extra",
    ],
    [
      "a kind of block that nobody reads",
      ({ stack }) => stack.addOverride("ephemeral.aws_lambda_invocation.x", { function_name: "x" }),
      "plant: 'ephemeral'",
    ],
    ...['${"cidr_blocks"}', "%{ if true }cidr_blocks%{ endif }"].map((name): [string, Fork, string] => [
      `an attribute whose name Terraform computes: ${name}`,
      ({ firewall }) =>
        firewall.tasks.addOverride("ingress", [{ protocol: "tcp", from_port: 1, to_port: 2, [name]: [WORLD] }]),
      "'ingress' must be understood",
    ]),
    [
      "such a name in a local",
      ({ stack, firewall }) => {
        const rules = [{ protocol: "tcp", from_port: 1, to_port: 2, '${"cidr_blocks"}': [WORLD] }];
        stack.addOverride("locals.rules", rules);
        firewall.tasks.addOverride("ingress", "${local.rules}");
      },
      "'ingress' must be understood",
    ],
    [
      "a rule for a group that was not read",
      (d) => admit(d, d.firewall.tasks, { ...tcp(8883), referencedSecurityGroupId: COMPANY }),
      "plant/extra (aws_vpc_security_group_ingress_rule.extra): 'referenced_security_group_id' must be understood",
    ],
    [
      "a rule on a group that was not read",
      raw("aws_security_group_rule", () => ({
        type: "ingress",
        security_group_id: COMPANY,
        protocol: "-1",
        from_port: 0,
        to_port: 0,
        cidr_blocks: [WORLD],
      })),
      "'security_group_id' must be understood",
    ],
    [
      "a prefix list that is named by its id alone",
      (d) => admit(d, d.firewall.loadBalancer, { ...tcp(8883), prefixListId: "pl-0123456789abcdef0" }),
      "'prefix_list_id' must be understood",
    ],
    [
      "a port that only apply will know",
      (d) => existing(d, "internet-to-load-balancer-443-in").addOverride("to_port", "${aws_vpc.other.tags.port}"),
      "plant/firewall/internet-to-load-balancer-443-in (",
    ],
    [
      "a range that only a plan will know",
      (d) => admit(d, d.firewall.loadBalancer, { ...tcp(8883), cidrIpv4: "${var.clients}" }),
      "'cidr_ipv4' must be understood",
    ],
    [
      "inline rules that only a plan will know",
      (d) => d.firewall.tasks.addOverride("ingress", "${var.rules}"),
      "'ingress' must be understood",
    ],
    [
      "rules that Terraform unfolds",
      (d) => d.firewall.tasks.addOverride("dynamic.ingress", { for_each: [22], content: {} }),
      "'ingress' must be understood",
    ],
    [
      "ACL rules that Terraform unfolds",
      (d) => d.acls.broker.addOverride("dynamic.ingress", { for_each: [22], content: {} }),
      "plant/network/acls/broker (",
    ],
    [
      "routes that Terraform unfolds",
      (d) => d.network.brokerRouteTable.addOverride("dynamic.route", { for_each: [1], content: {} }),
      "plant/network/broker-routes (",
    ],
    [
      "routes that a VPN brings",
      (d) => d.network.brokerRouteTable.addOverride("propagating_vgws", ["vgw-1"]),
      "'propagating_vgws' must be understood",
    ],
    [
      "a rule in a list of lists",
      (d) => d.firewall.tasks.addOverride("ingress", [[{ protocol: "-1", from_port: 0, to_port: 0, self: true }]]),
      "plant/firewall/tasks (",
    ],
    [
      "a route in a table that was not read",
      (d) =>
        new Route(d.stack, "extra", {
          routeTableId: "rtb-0123456789abcdef0",
          destinationCidrBlock: WORLD,
          gatewayId: d.network.internetGateway.id,
        }),
      "plant/extra (aws_route.extra): 'route_table_id' must be understood",
    ],
    [
      "a route to what was not read",
      (d) => d.network.brokerRouteTable.addOverride("route", [{ cidr_block: WORLD, nat_gateway_id: "nat-1" }]),
      "plant/network/broker-routes (",
    ],
    [
      "an association at a gateway's edge",
      raw("aws_route_table_association", () => ({ gateway_id: "igw-1" })),
      "'gateway_id' must be understood",
    ],
    [
      "another network ACL for a subnet that has one",
      raw("aws_network_acl_association", ({ network, acls }) => ({
        subnet_id: network.brokerSubnets[0]!.id,
        network_acl_id: acls.public.id,
      })),
      "has another network ACL",
    ],
    [
      "public addresses by a variable",
      (d) => d.network.publicSubnets[0]!.addOverride("map_public_ip_on_launch", "${var.public}"),
      "'map_public_ip_on_launch' must be understood",
    ],
    [
      "an address of an interface that was not read",
      (d) => new Eip(d.stack, "extra", { networkInterface: "eni-1" }),
      "'network_interface' must be understood",
    ],
    [
      "a machine in a subnet that was not read",
      (d) => new Instance(d.stack, "extra", { subnetId: "subnet-0123456789abcdef0" }),
      "plant/extra (aws_instance.extra): 'subnet_id' must be understood",
    ],
    [
      "a load balancer with a group that was not read",
      ({ door }) => door.lb.addOverride("security_groups", [COMPANY]),
      "'security_groups' must be understood",
    ],
    [
      "a task with a group that was not read",
      ({ stack, network, firewall }) =>
        new EcsService(stack, "extra", {
          name: "extra",
          networkConfiguration: {
            subnets: [network.brokerSubnets[0]!.id],
            securityGroups: [firewall.tasks.id, COMPANY],
          },
        }),
      "security_groups' must be understood",
    ],
    [
      "a mount target with a group that was not read",
      ({ stack, network }) =>
        new EfsMountTarget(stack, "extra", {
          fileSystemId: "fs-1",
          subnetId: network.brokerSubnets[0]!.id,
          securityGroups: [COMPANY],
        }),
      "'security_groups' must be understood",
    ],
    [
      "a function with a group that was not read",
      raw("aws_lambda_function", ({ network }) => ({
        vpc_config: [{ subnet_ids: [network.brokerSubnets[0]!.id], security_group_ids: [COMPANY] }],
      })),
      "security_group_ids' must be understood",
    ],
    [
      "a group that is put on an interface by an attachment",
      raw("aws_network_interface_sg_attachment", () => ({ network_interface_id: "eni-1", security_group_id: COMPANY })),
      "'security_group_id' must be understood",
    ],
    [
      "a task with a group that is looked up",
      (d) => {
        d.stack.addOverride("data.aws_security_group.door", { name: "company" });
        raw("aws_ecs_service", ({ network }) => ({
          network_configuration: {
            subnets: [network.brokerSubnets[0]!.id],
            security_groups: ["${data.aws_security_group.door.id}"],
          },
        }))(d);
      },
      "is of data.aws_security_group.door, which is only looked up",
    ],
    [
      "a task with groups that only a plan will know",
      raw("aws_ecs_service", ({ network }) => ({
        network_configuration: { subnets: [network.brokerSubnets[0]!.id], security_groups: "${var.groups}" },
      })),
      "security_groups' must be understood",
    ],
    [
      "a load balancer of the first kind that stands nowhere",
      raw("aws_elb", () => ({ name: "x" })),
      "aws_elb.extra: 'subnets' must be understood",
    ],
  ])("%s", (_, fork, message) => {
    expect(faults(fork).join("\n")).toContain(message);
  });

  const route = ({ network }: Dmz) => ({
    route_table_id: "rtb-0123456789abcdef0",
    destination_cidr_block: WORLD,
    gateway_id: network.internetGateway.id,
  });
  const ROUTE = "aws_route.extra: 'route_table_id' must be understood";
  const SHELL = "what 'registry.terraform.io/hashicorp/shell' does is not known";
  test.each<[string, string, (d: Dmz) => unknown, string]>([
    ["as an object", "resource.aws_route.extra", route, ROUTE],
    ["a body", "resource.aws_route.extra", (d) => [route(d)], ROUTE],
    ["a type", "resource.aws_route", (d) => [{ extra: route(d) }], ROUTE],
    ["two bodies of one name", "resource.aws_route.extra", (d) => [route(d), route(d)], "'extra' must be there once"],
    ["all resources", "resource", (d) => [{ aws_route: { extra: route(d) } }], ROUTE],
    ["providers", "provider", () => [{ shell: {} }], SHELL],
    ["the terraform block", "terraform", () => [{ required_providers: { shell: "1.0.0" } }], SHELL],
    ["required providers", "terraform.required_providers", () => [{ shell: "1.0.0" }], SHELL],
  ])("what stands in a list where a block may, as Terraform's JSON allows: %s", (_, path, value, message) => {
    expect(faults((d) => d.stack.addOverride(path, value(d))).join("\n")).toContain(message);
  });
});

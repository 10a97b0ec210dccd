import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { Reference } from "../../../proof/facts/facts";
import { classifyType, typeEntries } from "../../../proof/network/classify-type";
import { internetReachesExactly } from "../../../proof/network/internet-reaches-exactly";
import { networkInput } from "../../../proof/network/network-input";
import { factsOf } from "./network-facts";

const LIBRARY = join(dirname(require.resolve("@cdktf/provider-aws/package.json")), "lib");

/** Every managed resource type of the provider that we are bound to, with the folder of its declaration. */
const FOLDERS = new Map(
  readdirSync(LIBRARY, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("data-"))
    .filter(({ name }) => existsSync(join(LIBRARY, name, "index.js")))
    .flatMap(({ name }) => {
      const type = /tfResourceType = "(aws_\w+)"/.exec(readFileSync(join(LIBRARY, name, "index.js"), "utf8"))?.[1];
      return type === undefined ? [] : [[type, name] as const];
    }),
);
const TYPES = [...FOLDERS.keys()];

/** Without a public address, a group or a route that leads out. */
const MACHINE = { subnet_id: new Reference("aws_subnet.s", "id") };
const SUBNET = { vpc_id: new Reference("aws_vpc.v", "id"), cidr_block: "10.0.0.0/24" };

/** What AWS answers for on the internet, or can: each would be a second way in. */
const PUBLIC_SERVICES = `
  api_gateway_rest_api api_gateway_stage apigatewayv2_api apigatewayv2_stage apprunner_service appsync_graphql_api
  cloudfront_distribution cognito_user_pool_domain db_instance dms_replication_instance eks_cluster elastic_beanstalk_environment
  elasticsearch_domain globalaccelerator_accelerator globalaccelerator_endpoint_group iot_domain_configuration iot_policy
  lambda_function_url lightsail_instance lightsail_lb mq_broker msk_cluster opensearch_domain opensearchserverless_collection
  rds_cluster_instance redshift_cluster s3_bucket_website_configuration s3control_multi_region_access_point transfer_server
  verifiedaccess_endpoint vpclattice_service workspaces_directory ecrpublic_repository autoscaling_group launch_template
  ecs_task_set neptune_cluster_instance redshiftserverless_workgroup spot_instance_request ec2_fleet`
  .trim()
  .split(/\s+/)
  .map((name) => `aws_${name}`);

describe("the classes of resource types", () => {
  test("know every type of the provider", () => {
    expect(TYPES.length).toBeGreaterThan(1500);
    expect(TYPES.filter((type) => classifyType(type).kind === "unclassified")).toEqual([]);
  });

  test("name no type that the provider does not have", () => {
    const dead = typeEntries().filter((entry) =>
      entry.endsWith("*") ? !TYPES.some((type) => type.startsWith(entry.slice(0, -1))) : !TYPES.includes(entry),
    );
    expect(dead).toEqual([]);
  });

  test("leave no type that opens something PROVEN: each of them alone, beside a network that is", () => {
    const base = { "aws_vpc.v": { cidr_block: "10.0.0.0/16" }, "aws_instance.i": MACHINE, "aws_subnet.s": SUBNET };
    const answer = (type: string) => {
      const input = networkInput(factsOf({ ...base, ...(type && { [`${type}.x`]: {} }) }), { expose: [] });
      return internetReachesExactly.check(input).answer;
    };
    expect(answer("")).toBe("PROVEN");
    const proven = [...TYPES, "aws_newest_door", "kubernetes_service"].filter((type) => answer(type) === "PROVEN");
    expect(proven.filter((type) => !["modelled", "harmless"].includes(classifyType(type).kind))).toEqual([]);
    expect(proven.filter((type) => classifyType(type).kind === "harmless").length).toBeGreaterThan(400);
  });

  test("take nothing with a place in a network to be harmless, but for what is known", () => {
    const telling =
      /readonly (subnetIds?|securityGroup\w*|vpcSecurityGroup\w*|publicly\w*|assignPublic\w*|vpcConfig\w*)\??:/g;
    const found = TYPES.filter((type) => classifyType(type).kind === "harmless").flatMap((type) => {
      const folder = join(LIBRARY, FOLDERS.get(type)!);
      const declared = readdirSync(folder).filter((file) => file.endsWith(".d.ts"));
      const names = declared.flatMap((file) => [...readFileSync(join(folder, file), "utf8").matchAll(telling)]);
      return names.length > 0 ? [`${type}: ${[...new Set(names.map(([, name]) => name))].join()}`] : [];
    });
    expect(found).toEqual(
      [
        // In the subnet of its cluster, which is not harmless.
        "aws_cloudhsm_v2_hsm: subnetId",
        // Keeps addresses free.
        "aws_ec2_subnet_cidr_reservation: subnetId",
        // Records.
        "aws_flow_log: subnetId",
        // Names public addresses of AWS's own pool.
        "aws_vpc_ipam_pool: publiclyAdvertisable",
        // Excludes from a block that is not counted on.
        "aws_vpc_block_public_access_exclusion: subnetId",
        // Where a bucket's access point is reached from, which makes it narrower.
        "aws_s3_access_point: vpcConfiguration",
      ].sort(),
    );
  });

  test.each(PUBLIC_SERVICES)("know that %s answers on the internet", (type) => {
    expect(TYPES).toContain(type);
    expect(classifyType(type).kind).toBe("could-open");
  });

  test.each([
    ["aws_subnet", "modelled"],
    ["aws_iam_role", "harmless"],
    ["aws_lambda_function_url", "could-open"],
    ["aws_apigatewayv2_api", "could-open"],
    ["aws_autoscaling_group", "could-open"],
    ["aws_db_instance", "could-open"],
    ["aws_ec2_transit_gateway_peering_attachment", "could-open"],
    ["aws_globalaccelerator_accelerator", "could-open"],
    ["aws_ram_resource_association", "could-open"],
    ["aws_fms_policy", "could-open"],
    ["aws_networkmonitor_probe", "could-open"],
    ["aws_guardduty_detector_feature", "could-open"],
    ["aws_backup_restore_testing_selection", "could-open"],
    ["aws_something_new", "unclassified"],
    ["cloudflare_tunnel", "unclassified"],
    ["null_resource", "unclassified"],
    ["random_id", "harmless"],
  ])("take %s to be %s", (type, kind) => {
    expect(classifyType(type).kind).toBe(kind);
  });
});

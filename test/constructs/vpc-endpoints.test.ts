import { describe, expect, test } from "@jest/globals";
import { BrokerFirewall } from "../../constructs/broker-firewall";
import { DmzNetwork } from "../../constructs/dmz-network";
import { endpointPolicies } from "../../constructs/endpoint-policies";
import type { Statement } from "../../constructs/policy-document";
import { VpcEndpoints } from "../../constructs/vpc-endpoints";
import { testSite } from "../site";
import { synth } from "../synth";

const site = testSite();
const built = synth((stack) => {
  const network = new DmzNetwork(stack, "network", { site });
  const firewall = new BrokerFirewall(stack, "firewall", { site, network });
  new VpcEndpoints(stack, "endpoints", { site, network, firewall });
});
const INTERFACES = { "ecr-api": "ecr.api", "ecr-dkr": "ecr.dkr", secretsmanager: "secretsmanager", logs: "logs" };
const GATEWAYS = ["s3", "dynamodb"];

describe("VpcEndpoints", () => {
  test("are exactly those that an isolated task needs", () => {
    expect(
      built
        .all("aws_vpc_endpoint")
        .map((endpoint) => endpoint.service_name)
        .sort(),
    ).toEqual(
      ["dynamodb", "ecr.api", "ecr.dkr", "logs", "s3", "secretsmanager"].map(
        (name) => `com.amazonaws.eu-central-1.${name}`,
      ),
    );
  });

  test.each(Object.entries(INTERFACES))(
    "%s has an address in each broker subnet, its own group and private DNS",
    (id) => {
      expect(built.at(`endpoints/${id}`)).toMatchObject({
        vpc_endpoint_type: "Interface",
        private_dns_enabled: true,
        subnet_ids: ["eu-central-1a", "eu-central-1b"].map((zone) => built.ref(`network/broker-${zone}`)),
        security_group_ids: [built.ref("firewall/endpoints")],
      });
    },
  );

  test.each(GATEWAYS)("%s is a gateway in the brokers' route table alone", (id) => {
    expect(built.at(`endpoints/${id}`)).toMatchObject({
      vpc_endpoint_type: "Gateway",
      route_table_ids: [built.ref("network/broker-routes")],
    });
  });

  test.each(GATEWAYS)("the tasks reach %s on tcp 443 of its own prefix list", (id) => {
    expect(built.at(`firewall/tasks-to-${id}-443`)).toMatchObject({
      security_group_id: built.ref("firewall/tasks"),
      prefix_list_id: built.ref(`endpoints/${id}`, "prefix_list_id"),
      ip_protocol: "tcp",
      from_port: 443,
      to_port: 443,
    });
  });

  test("each carries its policy", () => {
    const policies: Record<string, string> = endpointPolicies(site);
    for (const endpoint of built.all("aws_vpc_endpoint")) {
      const service = String(endpoint.service_name).replace("com.amazonaws.eu-central-1.", "");
      expect(endpoint.policy).toBe(policies[service]);
    }
  });
});

describe("endpointPolicies", () => {
  const statements = (service: keyof ReturnType<typeof endpointPolicies>) =>
    (JSON.parse(endpointPolicies(site)[service]) as { Statement: Statement[] }).Statement;

  test.each(["ecr.api", "ecr.dkr", "secretsmanager", "logs", "dynamodb"] as const)(
    "%s admits principals of the site's account alone",
    (service) => {
      for (const statement of statements(service))
        expect(statement.Condition).toEqual({ StringEquals: { "aws:PrincipalAccount": "123456789012" } });
    },
  );

  test.each(["ecr.api", "ecr.dkr"] as const)("%s admits pulling the site's repository alone", (service) => {
    expect(statements(service)).toMatchObject([
      { Action: ["ecr:GetAuthorizationToken"], Resource: "*" },
      {
        Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        Resource: "arn:aws:ecr:eu-central-1:123456789012:repository/mqtt-dmz/broker",
      },
    ]);
  });

  test("secretsmanager admits reading what the broker reads, never the CA", () => {
    const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:plant";
    expect(statements("secretsmanager")).toMatchObject([
      {
        Action: ["secretsmanager:GetSecretValue"],
        Resource: [`${arn}/server-certificate-??????`, `${arn}/credentials/*-??????`, `${arn}/access/*-??????`],
      },
    ]);
  });

  test("logs admits writing to the broker's group alone", () => {
    expect(statements("logs")).toMatchObject([
      {
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: "arn:aws:logs:eu-central-1:123456789012:log-group:/mqtt-dmz/plant/broker:*",
      },
    ]);
  });

  test("dynamodb admits reading and updating items of the site's table alone", () => {
    expect(statements("dynamodb")).toMatchObject([
      {
        Action: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
        Resource: "arn:aws:dynamodb:eu-central-1:123456789012:table/plant-state",
      },
    ]);
  });

  test("s3 admits reading the region's image layers alone, whoever signed the request", () => {
    const [layers, ...more] = statements("s3");
    expect(layers).toMatchObject({
      Action: ["s3:GetObject"],
      Resource: "arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*",
    });
    expect(layers).not.toHaveProperty("Condition");
    expect(more).toEqual([]);
  });

  test.each([
    `123456789012.dkr.ecr.eu-west-1.amazonaws.com/broker@sha256:${"ab".repeat(32)}`,
    `registry.example/broker@sha256:${"ab".repeat(32)}`,
    "123456789012.dkr.ecr.eu-central-1.amazonaws.com/broker:latest",
  ])("an image that an isolated task cannot pull is refused: %s", (image) => {
    expect(() => endpointPolicies(testSite({ broker: { image, size: "small" } }))).toThrow(
      `'broker.image' must be in ECR in the site's region`,
    );
  });
});

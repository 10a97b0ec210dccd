import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { NetworkInterface } from "@cdktf/provider-aws/lib/network-interface";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { SecurityGroupRule } from "@cdktf/provider-aws/lib/security-group-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { describe, expect, test } from "@jest/globals";
import { App, Aspects, TerraformStack } from "cdktf";
import { proveAtSynthesis } from "../../stacks/prove-at-synthesis";
import {
  tcp,
  type Dmz,
  type Fork,
  dmz,
  refused,
  faults,
  WORLD,
  admit,
  listen,
  COMPANY,
  existing,
  raw,
} from "./dmz-fork";

describe("the site's stack is written", () => {
  test.each<[string, Fork]>([
    ["as the constructs build it", () => undefined],
    [
      "with a narrower range on the load balancer's own two ports",
      (d) => admit(d, d.firewall.loadBalancer, { ...tcp(8883), cidrIpv4: "198.51.100.0/24" }),
    ],
    [
      "with a prefix list of its own on the load balancer's own two ports",
      (d) => {
        const entry = [{ cidr: "198.51.100.0/24" }];
        d.stack.addOverride("resource.aws_ec2_managed_prefix_list.clients", {
          name: "clients",
          address_family: "IPv4",
          max_entries: 1,
          entry,
        });
        admit(d, d.firewall.loadBalancer, {
          ...tcp(8883),
          prefixListId: "${aws_ec2_managed_prefix_list.clients.id}",
        });
      },
    ],
    [
      "with an address that nothing has, and a bucket",
      (d) => {
        new Eip(d.stack, "extra", { domain: "vpc", dependsOn: [d.firewall.loadBalancer] });
        new S3Bucket(d.stack, "bucket", { bucket: "notes" });
      },
    ],
    ...["random_id", "time_sleep", "terraform_data"].map((type): [string, Fork] => [
      `with a ${type}, which makes nothing`,
      raw(type, () => ({ triggers: {} })),
    ]),
  ])("%s", (_, fork) => {
    expect(faults(fork)).toEqual([]);
  });
});

describe("the whole app is looked at", () => {
  /** A stack of the app that is no site's. */
  const beside = (app: App, id: string): TerraformStack => {
    const stack = new TerraformStack(app, id);
    new AwsProvider(stack, "aws", { region: "eu-central-1" });
    return stack;
  };

  test("a stack beside the sites may hold what opens nothing", () => {
    const build = (app: App) => {
      new S3Bucket(beside(app, "notes"), "bucket", { bucket: "notes" });
      proveAtSynthesis(app);
    };
    expect(refused(build)).toEqual([]);
  });

  test("of a stack beside the sites the internet reaches nothing", () => {
    const build = (app: App) => {
      beside(app, "web").addOverride("resource.aws_ec2_client_vpn_endpoint.x", { client_cidr_block: "10.9.0.0/16" });
      proveAtSynthesis(app);
    };
    expect(refused(build)).toEqual([expect.stringContaining("udp 443: 'internet-reaches-exactly' must hold")]);
  });

  test.each<[string, (other: TerraformStack, d: Dmz) => unknown, string]>([
    [
      "wears a group of the site",
      (other, { firewall }) =>
        new NetworkInterface(other, "extra", { subnetId: "subnet-1", securityGroups: [firewall.loadBalancer.id] }),
      "other/extra (aws_network_interface.extra): 'subnet_id' must be understood",
    ],
    [
      "adds a rule to a group of the site",
      (other, { firewall }) =>
        new VpcSecurityGroupIngressRule(other, "extra", {
          securityGroupId: firewall.loadBalancer.id,
          cidrIpv4: WORLD,
          ...tcp(1883),
        }),
      "other/extra (aws_vpc_security_group_ingress_rule.extra): 'security_group_id' must be understood",
    ],
    [
      "adds a listener to the site's load balancer",
      (other, { door }) =>
        new LbListener(other, "extra", {
          loadBalancerArn: door.lb.arn,
          port: 1883,
          protocol: "TCP",
          defaultAction: [],
        }),
      "other/extra (aws_lb_listener.extra): 'load_balancer_arn' must be understood",
    ],
    [
      "puts a subnet of the site under a route table of its own",
      (other, { network }) =>
        new RouteTableAssociation(other, "extra", {
          subnetId: network.brokerSubnets[0]!.id,
          routeTableId: network.publicRouteTable.id,
        }),
      "other/extra (aws_route_table_association.extra): 'subnet_id' must be understood",
    ],
    [
      "offers the site's load balancer to other networks",
      (other, { door }) =>
        other.addOverride("resource.aws_vpc_endpoint_service.extra", { network_load_balancer_arns: [door.lb.arn] }),
      "aws_vpc_endpoint_service.extra: 'network_load_balancer_arns' must be understood",
    ],
  ])("another stack that %s is refused", (_, fork, message) => {
    const build = (app: App) => {
      const d = dmz(app);
      fork(beside(app, "other"), d);
      proveAtSynthesis(app);
    };
    expect(refused(build).join("\n")).toContain(message);
  });

  test("all faults of all stacks come at once", () => {
    const build = (app: App) => {
      for (const id of ["one", "two"])
        new SecurityGroupRule(beside(app, id), "ssh", {
          type: "ingress",
          securityGroupId: COMPANY,
          protocol: "-1",
          fromPort: 0,
          toPort: 0,
          cidrBlocks: [WORLD],
        });
      proveAtSynthesis(app);
    };
    expect(refused(build)).toEqual([expect.stringContaining("one/ssh"), expect.stringContaining("two/ssh")]);
  });

  test("a stack that is made after the call is refused, too", () => {
    const build = (app: App) => {
      proveAtSynthesis(app);
      new Instance(beside(app, "late"), "box", { associatePublicIpAddress: true });
    };
    expect(refused(build)).toEqual([expect.stringContaining("late/box (aws_instance.box): 'subnet_id'")]);
  });

  test("an app that would not be looked at is refused, and nothing tells how to skip it", () => {
    expect(() => proveAtSynthesis(new App({ skipValidation: true }))).toThrow("'skipValidation' must be off");
    expect(() => proveAtSynthesis(new App({ hclOutput: true }))).toThrow("'hclOutput' must be off");
    const told = faults(raw("aws_lambda_function_url", () => ({}))).join("\n");
    expect(told).toContain("aws_lambda_function_url.extra");
    expect(told).not.toContain("skipValidation");
  });

  test.each<[string, boolean]>([
    ["no faulty stack is left on the disk for plain Terraform to apply", true],
    ["without the proof the same stack is written", false],
  ])("%s", (_, isHeld) => {
    const outdir = mkdtempSync(join(tmpdir(), "dmz-refused-"));
    try {
      const app = new App({ outdir });
      const d = dmz(app);
      admit(d, d.firewall.loadBalancer, { ...tcp(1883), cidrIpv4: WORLD });
      listen(d, 1883);
      if (isHeld) proveAtSynthesis(app);
      const synth = () => app.synth();
      if (isHeld) expect(synth).toThrow(/^the network of these stacks is not proven, so that nothing is written:\n/);
      else synth();
      const written = readdirSync(outdir, { recursive: true }).filter((file) => String(file).endsWith(".tf.json"));
      expect(written).toHaveLength(isHeld ? 0 : 1);
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });

  test("a stack that an aspect changes after the first was written is not written itself", () => {
    const outdir = mkdtempSync(join(tmpdir(), "dmz-refused-"));
    try {
      const app = new App({ outdir });
      beside(app, "first");
      const d = dmz(app);
      listen(d, 1883);
      const rule = existing(d, "internet-to-load-balancer-8883-in");
      Aspects.of(d.stack).add({ visit: (node) => node === rule && rule.addOverride("from_port", 1024) });
      proveAtSynthesis(app);
      expect(() => app.synth()).toThrow("tcp 1883: 'internet-reaches-exactly'");
      const written = readdirSync(outdir, { recursive: true }).map(String);
      expect(written.filter((file) => file.endsWith(".tf.json"))).toEqual([join("stacks", "first", "cdk.tf.json")]);
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });
});

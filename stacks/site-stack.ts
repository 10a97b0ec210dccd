import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { S3Backend, type S3BackendConfig, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { AccessDocument } from "../constructs/access-document";
import { AlarmReceivers } from "../constructs/alarm-receivers";
import { BrokerAlarms } from "../constructs/broker-alarms";
import { BrokerFirewall } from "../constructs/broker-firewall";
import { BrokerService } from "../constructs/broker-service";
import { CertificateAuthority } from "../constructs/certificate-authority";
import { Credentials } from "../constructs/credentials";
import { DmzNetwork } from "../constructs/dmz-network";
import { DnsFirewall } from "../constructs/dns-firewall";
import { EdgeImage } from "../constructs/edge-image";
import { EncryptionKeys } from "../constructs/encryption-keys";
import { LoadBalancer } from "../constructs/load-balancer";
import { MessageStore } from "../constructs/message-store";
import { ServiceRoles } from "../constructs/service-roles";
import { StateTable } from "../constructs/state-table";
import { StoreAlarms } from "../constructs/store-alarms";
import { VpcEndpoints } from "../constructs/vpc-endpoints";
import { bootstrapName } from "../policy/bootstrap";
import { PORTS } from "../policy/deployment";
import type { Site } from "../policy/site";
import { NOBODY_IS_TOLD } from "../policy/site-alarms";

/**
 * Everything of one site. Its Terraform state lies in the bucket of the bootstrap stack, which must be deployed first.
 *
 * The ids of constructs and outputs are public: a renamed one replaces what it names in every deployed site.
 */
export class SiteStack extends TerraformStack {
  constructor(
    scope: Construct,
    id: string,
    /** What the stack was made from, and is held to at synthesis. */
    readonly site: Site,
  ) {
    super(scope, id);
    this.addOverride("terraform.required_version", ">= 1.11.0");
    const { account, region } = site.aws;
    new S3Backend(this, {
      bucket: bootstrapName.stateBucket(account, region),
      key: `${site.name}.tfstate`,
      region,
      encrypt: true,
      allowedAccountIds: [account],
      useLockfile: true,
    } as S3BackendConfig);
    new AwsProvider(this, "aws", {
      region,
      allowedAccountIds: [account],
      defaultTags: [{ tags: { project: "mqtt-dmz", site: site.name, ...site.tags } }],
    });

    const roles = new ServiceRoles(this, "service-roles", { site });
    const keys = new EncryptionKeys(this, "encryption-keys", { site, roles });

    const network = new DmzNetwork(this, "network", { site, logKey: keys.data });
    new DnsFirewall(this, "dns-firewall", { site, network, logKey: keys.data });
    const firewall = new BrokerFirewall(this, "firewall", { site, network });
    const endpoints = new VpcEndpoints(this, "endpoints", { site, network, firewall });
    const loadBalancer = new LoadBalancer(this, "load-balancer", { site, network, firewall });

    const { table } = new StateTable(this, "state-table", { site });
    const credentials = new Credentials(this, "credentials", { site, keys, roles });
    const accessDocument = new AccessDocument(this, "access-document", { site, keys, roles });
    const store = new MessageStore(this, "message-store", { site, network, firewall, keys, roles });
    const ca = new CertificateAuthority(this, "certificate-authority", {
      site,
      roles,
      keys,
      table,
      credentials,
      accessDocument,
      serverNames: {
        dns: [loadBalancer.lb.dnsName],
        ip: loadBalancer.addresses.map((address) => address.publicIp),
      },
    });
    const broker = new BrokerService(this, "broker", {
      site,
      dmz: { network, firewall, loadBalancer },
      store,
      table,
      roles,
      keys,
      after: [...ca.ready, ...Object.values(endpoints.interfaces), ...Object.values(endpoints.gateways)],
    });

    const receivers = new AlarmReceivers(this, "alarm-receivers", { site, keys });
    new BrokerAlarms(this, "broker-alarms", { site, receivers, broker, loadBalancer });
    const { logGroup, service } = broker;
    new StoreAlarms(this, "store-alarms", { site, receivers, store, logGroup, after: [service] });

    const output = (name: string, value: unknown, description: string) =>
      new TerraformOutput(this, name, { value, description });
    output("endpoint", `mqtts://${site.host}:${PORTS.mqtt}`, "Where clients connect, once DNS knows the host");
    output("load_balancer", loadBalancer.lb.dnsName, "Point the host's CNAME here");
    output(
      "addresses",
      loadBalancer.addresses.map((address) => address.publicIp),
      "For the plant firewall's allow-list",
    );
    output("enrol_function", ca.enrol.lambda.functionName, "What 'dmz enrol' invokes");
    output("state_table", table.name, "Lease and manifests");
    output("broker_log_group", broker.logGroup.name, "The broker's log");
    output("cluster", broker.cluster.name, "ECS cluster of the broker");
    output("service", broker.service.name, "ECS service of the broker");
    output("alarms", told(site), "Who is told when an alarm goes off; e-mail only once somebody there has agreed");
    if (!site.edgeImages) return;
    const edge = new EdgeImage(this, "edge-image", { site, images: site.edgeImages });
    output("edge_image_key", edge.key.arn, "What 'dmz image edge publish --encryption-key' takes");
    output("edge_publisher", edge.publisher.arn, "Role that publishes images of edge devices");
    const amis = Object.entries(edge.amis).map(([name, ami]) => [name, ami.id]);
    output("edge_amis", Object.fromEntries(amis), "AMIs of edge devices, by class and version");
  }
}

const told = ({ alarms }: Site): readonly string[] | string =>
  alarms ? [...(alarms.email ?? []), ...(alarms.topic === undefined ? [] : [alarms.topic])] : NOBODY_IS_TOLD;

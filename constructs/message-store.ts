import { EfsAccessPoint } from "@cdktf/provider-aws/lib/efs-access-point";
import { EfsBackupPolicy } from "@cdktf/provider-aws/lib/efs-backup-policy";
import { EfsFileSystem } from "@cdktf/provider-aws/lib/efs-file-system";
import { EfsFileSystemPolicy } from "@cdktf/provider-aws/lib/efs-file-system-policy";
import { EfsMountTarget } from "@cdktf/provider-aws/lib/efs-mount-target";
import { Construct } from "constructs";
import { CONTAINER_USER } from "../policy/deployment";
import type { Site } from "../policy/site";
import type { BrokerFirewall } from "./broker-firewall";
import type { DmzNetwork } from "./dmz-network";
import type { EncryptionKeys } from "./encryption-keys";
import { policyDocument } from "./policy-document";
import type { ServiceRoles } from "./service-roles";
import { StoreBackup } from "./store-backup";

export interface MessageStoreProps {
  readonly site: Site;
  readonly network: DmzNetwork;
  readonly firewall: BrokerFirewall;
  readonly keys: EncryptionKeys;
  readonly roles: ServiceRoles;
}

/**
 * The folder in which the broker keeps sessions, retained and queued messages: an EFS file system over all zones.
 *
 * Encrypted at rest under the site's data key and in transit. One access point, which makes every client uid and gid of
 * the container. The file system admits the broker's task role alone, through that access point and TLS alone, and nobody
 * as root. Opens tcp 2049 from the tasks' security group, nothing else. A permanent site is backed up daily, for 35 days ({@link StoreBackup}).
 * Costs 0.36 USD a GB and month, 0.03 a GB read, 0.06 a GB written.
 *
 *     const store = new MessageStore(this, "message-store", { site, network, firewall, keys, roles });
 */
export class MessageStore extends Construct {
  readonly fileSystem: EfsFileSystem;
  readonly accessPoint: EfsAccessPoint;
  /** One in each zone, in the site's order. A task that starts before them cannot mount. */
  readonly mountTargets: readonly EfsMountTarget[];
  readonly policy: EfsFileSystemPolicy;
  /** Of a permanent site. */
  readonly backup?: StoreBackup;

  constructor(scope: Construct, id: string, { site, network, firewall, keys, roles }: MessageStoreProps) {
    super(scope, id);
    const permanent = site.lifetime === "permanent";
    this.fileSystem = new EfsFileSystem(this, "file-system", {
      creationToken: `${site.name}-messages`,
      encrypted: true,
      kmsKeyId: keys.data.arn,
      performanceMode: "generalPurpose",
      // The load of a broker comes in bursts; provisioned throughput would be paid for while it sleeps.
      throughputMode: "elastic",
      tags: { Name: `${site.name}-messages` },
      lifecycle: permanent ? { preventDestroy: true } : undefined,
    });
    new EfsBackupPolicy(this, "backup", {
      fileSystemId: this.fileSystem.id,
      // AWS's automatic plan would copy it a second time, into a vault that is not the site's.
      backupPolicy: { status: "DISABLED" },
    });
    // Recovery points outlive the file system; an ephemeral site leaves nothing.
    if (permanent) this.backup = new StoreBackup(this, "store-backup", { site, fileSystem: this.fileSystem });
    this.accessPoint = new EfsAccessPoint(this, "access-point", {
      fileSystemId: this.fileSystem.id,
      posixUser: CONTAINER_USER,
      rootDirectory: {
        path: "/messages",
        creationInfo: { ownerUid: CONTAINER_USER.uid, ownerGid: CONTAINER_USER.gid, permissions: "0700" },
      },
      tags: { Name: `${site.name}-messages` },
    });
    this.mountTargets = site.aws.zones.map(
      (zone, index) =>
        new EfsMountTarget(this, `mount-target-${zone}`, {
          fileSystemId: this.fileSystem.id,
          subnetId: network.brokerSubnets[index]!.id,
          securityGroups: [firewall.store.id],
        }),
    );
    this.policy = new EfsFileSystemPolicy(this, "policy", {
      fileSystemId: this.fileSystem.id,
      policy: fileSystemPolicy(this.fileSystem.arn, this.accessPoint.arn, roles.brokerTask.arn),
    });
  }
}

const CLIENT_ACTIONS = [
  "elasticfilesystem:ClientMount",
  "elasticfilesystem:ClientWrite",
  "elasticfilesystem:ClientRootAccess",
];

/** Denials, because an identity policy elsewhere in the account could allow what this one merely does not mention. */
const fileSystemPolicy = (fileSystem: string, accessPoint: string, broker: string): string =>
  policyDocument(
    {
      Sid: "BrokerThroughItsAccessPoint",
      Effect: "Allow",
      Principal: { AWS: broker },
      Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
      Resource: fileSystem,
      Condition: {
        StringEquals: { "elasticfilesystem:AccessPointArn": accessPoint },
        Bool: { "elasticfilesystem:AccessedViaMountTarget": "true" },
      },
    },
    {
      Sid: "NobodyElse",
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: CLIENT_ACTIONS,
      Resource: fileSystem,
      Condition: { ArnNotEquals: { "aws:PrincipalArn": broker } },
    },
    {
      Sid: "NoOtherWayIn",
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: CLIENT_ACTIONS,
      Resource: fileSystem,
      Condition: { StringNotEquals: { "elasticfilesystem:AccessPointArn": accessPoint } },
    },
    {
      Sid: "NobodyAsRoot",
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: "elasticfilesystem:ClientRootAccess",
      Resource: fileSystem,
    },
    {
      Sid: "TlsAlone",
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: CLIENT_ACTIONS,
      Resource: fileSystem,
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  );

import { Ami } from "@cdktf/provider-aws/lib/ami";
import { AmiLaunchPermission } from "@cdktf/provider-aws/lib/ami-launch-permission";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";
import { DEFAULT_ARCHITECTURE } from "../policy/architecture";
import {
  deprecationTime,
  edgeImageKeyAlias,
  type EdgeImages,
  edgePublisherRole,
  keptEdgeImages,
  type PublishedEdgeImage,
} from "../policy/edge-images";
import type { Site } from "../policy/site";
import { edgeImageKeyPolicy, publisherPolicy } from "./edge-image-policies";
import { policyDocument } from "./policy-document";

export interface EdgeImageProps {
  readonly site: Site;
  readonly images: Required<EdgeImages>;
}

/**
 * The AMIs of a site's edge devices that run as EC2 instances, from the snapshots that `dmz image edge publish` made.
 *
 * Each version is registered as what the image is: for x86-64 or arm64, started by UEFI, with ENA and NVMe, and metadata by token alone
 * (IMDSv2). The newest versions of a class stay, older ones are deregistered; their snapshots stay until somebody deletes
 * them. Named accounts may start them, never everybody. Besides, a key that encrypts the snapshots, and a role that may
 * publish and nothing else: write new snapshots with the site's tags. Opens no port. Costs 1 USD a month for
 * the key, and 0.05 a GB and month for each snapshot's written blocks.
 *
 *     new EdgeImage(this, "edge-image", { site, images: site.edgeImages });
 */
export class EdgeImage extends Construct {
  readonly key: KmsKey;
  readonly publisher: IamRole;
  /** By class and version: `gateway-1.4.0`. */
  readonly amis: Readonly<Record<string, Ami>>;

  constructor(scope: Construct, id: string, { site, images }: EdgeImageProps) {
    super(scope, id);
    this.key = this.createKey(site, images);
    this.publisher = this.createPublisher(site);
    const kept = keptEdgeImages(images.images, images.keep);
    this.amis = Object.fromEntries(kept.map((image) => [nameOf(image), this.register(site, images, image)]));
  }

  private createKey(site: Site, { shareWith }: Required<EdgeImages>): KmsKey {
    const permanent = site.lifetime === "permanent";
    const key = new KmsKey(this, "key", {
      description: `${site.name}: images of edge devices`,
      enableKeyRotation: true,
      deletionWindowInDays: permanent ? 30 : 7,
      policy: edgeImageKeyPolicy(site, shareWith),
      lifecycle: permanent ? { preventDestroy: true } : undefined,
    });
    new KmsAlias(this, "key-alias", { name: edgeImageKeyAlias(site.name), targetKeyId: key.keyId });
    return key;
  }

  private createPublisher(site: Site): IamRole {
    const role = new IamRole(this, "publisher", {
      name: edgePublisherRole(site.name),
      description: `Publishes images of edge devices of ${site.name}`,
      assumeRolePolicy: policyDocument({
        Sid: "DeployerPublishes",
        Effect: "Allow",
        Principal: { AWS: site.aws.deployerRole },
        Action: "sts:AssumeRole",
      }),
    });
    new IamRolePolicy(this, "publisher-policy", {
      role: role.name,
      name: "publish",
      policy: publisherPolicy(site, this.key.arn),
    });
    return role;
  }

  private register(site: Site, images: Required<EdgeImages>, image: PublishedEdgeImage): Ami {
    const name = nameOf(image);
    const ami = new Ami(this, name, {
      name: `${site.name}-${name}`,
      description: `mqtt-dmz edge device: ${image.deviceClass} ${image.version} of ${site.name}`,
      architecture: image.architecture ?? DEFAULT_ARCHITECTURE,
      virtualizationType: "hvm",
      bootMode: "uefi",
      enaSupport: true,
      imdsSupport: "v2.0",
      deprecationTime: deprecationTime(image, images.deprecateAfterDays),
      rootDeviceName: "/dev/xvda",
      // Encrypted if the snapshot is: EC2 takes no other word on it here.
      ebsBlockDevice: [
        { deviceName: "/dev/xvda", snapshotId: image.snapshot, volumeType: "gp3", deleteOnTermination: true },
      ],
      tags: { Name: `${site.name}-${name}`, "device-class": image.deviceClass, version: image.version },
    });
    for (const accountId of images.shareWith)
      new AmiLaunchPermission(this, `${name}-${accountId}`, { imageId: ami.id, accountId });
    return ami;
  }
}

const nameOf = ({ deviceClass, version }: PublishedEdgeImage): string => `${deviceClass}-${version}`;

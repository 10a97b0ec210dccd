import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { LocalBackend, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { ImageSigningKey } from "../constructs/image-signing-key";
import { StateBucket } from "../constructs/state-bucket";
import { bootstrapName } from "../policy/bootstrap";

export interface BootstrapStackProps {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** ARNs of the roles that run Terraform for the account's sites: the ones that may sign images. */
  readonly deployerRoles: readonly string[];
}

/**
 * What an account and region needs once, before its first site: the bucket for the sites' Terraform state, the registry
 * for the broker's image, and the key that signs images.
 *
 * Its own state is a local file, since the bucket cannot hold the state that creates it; keep it with care, or import the
 * three resources anew. All three refuse to be destroyed. Costs 1 USD a month for the key and cents for storage.
 */
export class BootstrapStack extends TerraformStack {
  constructor(scope: Construct, id: string, { account, region, deployerRoles }: BootstrapStackProps) {
    super(scope, id);
    this.addOverride("terraform.required_version", ">= 1.11.0");
    // Relative to the synthesized stack, that is, beside main.ts: the default would write down this machine's folder.
    new LocalBackend(this, { path: `../../../${id}.tfstate` });
    new AwsProvider(this, "aws", {
      region,
      allowedAccountIds: [account],
      defaultTags: [{ tags: { project: "mqtt-dmz" } }],
    });

    const state = new StateBucket(this, "state", { name: bootstrapName.stateBucket(account, region) });
    const images = new EcrRepository(this, "images", {
      name: bootstrapName.repository,
      // What a digest was reviewed as, its tag stays.
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: "AES256" }],
      lifecycle: { preventDestroy: true },
    });
    new EcrLifecyclePolicy(this, "images-lifecycle", {
      repository: images.name,
      // Every pushed image has a tag, for ever. An isolated task that restarts must find its image again, so no rule
      // counts or dates tagged ones; what has none is the rest of a push that failed.
      policy: JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            description: "Remove what failed pushes left behind",
            selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 30 },
            action: { type: "expire" },
          },
        ],
      }),
    });
    const signing = new ImageSigningKey(this, "signing", { account, deployerRoles });

    const output = (name: string, value: string, description: string) =>
      new TerraformOutput(this, name, { value, description });
    output("state_bucket", state.bucket.bucket, "Terraform state of every site here");
    output("repository_url", images.repositoryUrl, "Where 'dmz image push' pushes");
    output("signing_key", signing.key.arn, "What 'dmz image push' signs with");
  }
}

import { BackupPlan } from "@cdktf/provider-aws/lib/backup-plan";
import { BackupSelection } from "@cdktf/provider-aws/lib/backup-selection";
import { BackupVault } from "@cdktf/provider-aws/lib/backup-vault";
import type { EfsFileSystem } from "@cdktf/provider-aws/lib/efs-file-system";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import type { Site } from "../policy/site";
import { policyDocument } from "./policy-document";

export interface StoreBackupProps {
  readonly site: Site;
  readonly fileSystem: EfsFileSystem;
}

/** Days. */
const KEPT = 35;
/** Minutes. Together they are less than the 18 hours for which the broker leaves every checkpoint in its place. */
const START_WITHIN = 60;
const COMPLETE_WITHIN = 600;

/**
 * A daily copy of the message store's file system (docs/decisions/0016): what may be restored from it are the checkpoints
 * that the broker lays into `backup/`; the live folder beside them changes while it is copied.
 *
 * Creates a vault, a plan (daily at 03:00 UTC, kept for 35 days), the selection of this one file system, and the role by
 * which AWS Backup, for this account alone, reads it. The vault uses AWS's own key, so that a copy can be read when the
 * site's key is what was lost. Opens nothing. Costs 0.06 USD a GB and month.
 *
 *     new StoreBackup(this, "backup", { site, fileSystem });
 */
export class StoreBackup extends Construct {
  readonly vault: BackupVault;
  readonly plan: BackupPlan;

  constructor(scope: Construct, id: string, { site, fileSystem }: StoreBackupProps) {
    super(scope, id);
    const name = `${site.name}-messages`;
    this.vault = new BackupVault(this, "vault", { name, lifecycle: { preventDestroy: true } });
    this.plan = new BackupPlan(this, "plan", {
      name,
      rule: [
        {
          ruleName: "daily",
          targetVaultName: this.vault.name,
          schedule: "cron(0 3 * * ? *)",
          startWindow: START_WITHIN,
          completionWindow: COMPLETE_WITHIN,
          lifecycle: { deleteAfter: KEPT },
        },
      ],
    });
    const role = new IamRole(this, "role", {
      name: `${site.name}-backup`,
      assumeRolePolicy: policyDocument({
        Sid: "BackupOfThisAccount",
        Effect: "Allow",
        Principal: { Service: "backup.amazonaws.com" },
        Action: "sts:AssumeRole",
        // Against the confused deputy: the service acts for this account's plans only.
        Condition: { StringEquals: { "aws:SourceAccount": site.aws.account } },
      }),
    });
    // Not AWS's own policy for it: that one names every store of the account. What is selected by name needs no search by tag.
    const mayBackUp = new IamRolePolicy(this, "may-back-up", {
      role: role.name,
      policy: policyDocument(
        {
          Sid: "ReadTheStore",
          Effect: "Allow",
          Action: ["elasticfilesystem:Backup", "elasticfilesystem:DescribeTags"],
          Resource: fileSystem.arn,
        },
        {
          Sid: "FillTheVault",
          Effect: "Allow",
          Action: ["backup:DescribeBackupVault", "backup:CopyIntoBackupVault"],
          Resource: this.vault.arn,
        },
      ),
    });
    new BackupSelection(this, "selection", {
      name,
      planId: this.plan.id,
      iamRoleArn: role.arn,
      resources: [fileSystem.arn],
      dependsOn: [mayBackUp],
    });
  }
}

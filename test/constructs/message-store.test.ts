import { describe, expect, test } from "@jest/globals";
import type { Site } from "../../policy/site";
import { testSite } from "../site";
import { synth } from "../synth";
import { siteParts } from "./site-parts";
import { statements } from "./statements";

const storeOf = (site: Site = testSite()) => synth((stack) => siteParts(stack, site));
const built = storeOf();
const policy = statements(built.at("message-store/policy"));
const denial = (sid: string) => policy.find((statement) => statement.Sid === sid && statement.Effect === "Deny");
const ALL = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"];

describe("MessageStore", () => {
  test("is encrypted under the data key and takes bursts", () => {
    expect(built.one("aws_efs_file_system")).toMatchObject({
      encrypted: true,
      kms_key_id: built.ref("encryption-keys/data", "arn"),
      throughput_mode: "elastic",
    });
  });

  test("has a mount target in each zone's broker subnet, behind the store's own group", () => {
    const zones = ["eu-central-1a", "eu-central-1b"];
    expect(built.all("aws_efs_mount_target")).toHaveLength(2);
    for (const zone of zones)
      expect(built.at(`message-store/mount-target-${zone}`)).toMatchObject({
        subnet_id: built.ref(`network/broker-${zone}`),
        security_groups: [built.ref("firewall/store")],
      });
  });

  test("makes every client the container's user, in a folder that is nobody else's", () => {
    expect(built.one("aws_efs_access_point")).toMatchObject({
      posix_user: { uid: 10001, gid: 10001 },
      root_directory: { creation_info: { owner_uid: 10001, owner_gid: 10001, permissions: "0700" } },
    });
  });

  test("admits the broker's task role alone, through the access point alone", () => {
    expect(policy.filter(({ Effect }) => Effect === "Allow")).toMatchObject([
      {
        principals: [built.ref("service-roles/broker-task", "arn")],
        actions: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        Condition: {
          StringEquals: { "elasticfilesystem:AccessPointArn": built.ref("message-store/access-point", "arn") },
          Bool: { "elasticfilesystem:AccessedViaMountTarget": "true" },
        },
      },
    ]);
  });

  test("refuses every other principal, whatever IAM allows it", () => {
    expect(denial("NobodyElse")).toMatchObject({
      principals: ["*"],
      actions: ALL,
      Condition: { ArnNotEquals: { "aws:PrincipalArn": built.ref("service-roles/broker-task", "arn") } },
    });
  });

  test("refuses a mount past the access point", () => {
    expect(denial("NoOtherWayIn")).toMatchObject({
      principals: ["*"],
      actions: ALL,
      Condition: {
        StringNotEquals: { "elasticfilesystem:AccessPointArn": built.ref("message-store/access-point", "arn") },
      },
    });
  });

  test("refuses plaintext, and root", () => {
    expect(denial("TlsAlone")).toMatchObject({
      principals: ["*"],
      actions: ALL,
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
    expect(denial("NobodyAsRoot")).toMatchObject({
      principals: ["*"],
      actions: ["elasticfilesystem:ClientRootAccess"],
      Condition: {},
    });
  });

  test("a permanent site's store is backed up and refuses to be destroyed; an ephemeral one leaves nothing", () => {
    const permanent = storeOf(testSite({ lifetime: "permanent" }));
    expect(permanent.one("aws_efs_file_system")).toMatchObject({ lifecycle: { prevent_destroy: true } });
    expect(permanent.one("aws_backup_selection").resources).toEqual([
      permanent.ref("message-store/file-system", "arn"),
    ]);
    expect(permanent.one("aws_backup_vault")).toMatchObject({ lifecycle: { prevent_destroy: true } });
    expect(built.one("aws_efs_file_system")).not.toHaveProperty("lifecycle");
    expect(built.all("aws_backup_vault")).toEqual([]);
    // Nobody's second copy in a vault that is not the site's.
    expect(permanent.one("aws_efs_backup_policy")).toMatchObject({ backup_policy: { status: "DISABLED" } });
  });
});

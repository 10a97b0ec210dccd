import { describe, expect, test } from "@jest/globals";
import { EdgeImage } from "../../constructs/edge-image";
import { edgePublisherRole, type EdgeImages } from "../../policy/edge-images";
import { testSite } from "../site";
import { synth } from "../synth";
import { matches, statements } from "./statements";

const OTHER = "210987654321";
const image = (version: string) => ({
  deviceClass: "gateway",
  version,
  snapshot: `snap-0123456789abcde${version[0]}`,
  published: "2026-05-31",
});
const IMAGES: Required<EdgeImages> = {
  images: ["1.0.0", "2.0.0", "3.0.0"].map(image),
  shareWith: [OTHER],
  keep: 2,
  deprecateAfterDays: 30,
};
const build = (changes: Partial<Required<EdgeImages>> = {}, site = testSite()) =>
  synth((stack) => new EdgeImage(stack, "edge-image", { site, images: { ...IMAGES, ...changes } }));
const built = build();
const PUBLISHER = `arn:aws:iam::123456789012:role/${edgePublisherRole("plant")}`;

describe("EdgeImage", () => {
  test("registers an image as what it is: UEFI, ENA, a disk of its snapshot, metadata by token alone", () => {
    expect(built.at("edge-image/gateway-3.0.0")).toMatchObject({
      name: "plant-gateway-3.0.0",
      architecture: "x86_64",
      virtualization_type: "hvm",
      boot_mode: "uefi",
      ena_support: true,
      imds_support: "v2.0",
      root_device_name: "/dev/xvda",
      ebs_block_device: [{ device_name: "/dev/xvda", snapshot_id: "snap-0123456789abcde3", volume_type: "gp3" }],
    });
  });

  test("registers an image for arm64 as one, so that it starts on Graviton and is not offered for x86-64", () => {
    const arm = build({ images: [{ ...image("1.0.0"), deviceClass: "gateway-arm", architecture: "arm64" }] });
    expect(arm.at("edge-image/gateway-arm-1.0.0")).toMatchObject({ architecture: "arm64", boot_mode: "uefi" });
  });

  test("keeps the newest versions of a class, and deprecates each in its time", () => {
    expect(built.all("aws_ami").map(({ name }) => name)).toEqual(["plant-gateway-2.0.0", "plant-gateway-3.0.0"]);
    expect(built.all("aws_ami").map((ami) => ami["deprecation_time"])).toEqual([
      "2026-06-30T00:00:00Z",
      "2026-06-30T00:00:00Z",
    ]);
  });

  test("is shared with the named accounts and nobody else, never with everybody", () => {
    const permissions = built.all("aws_ami_launch_permission");
    expect(permissions.map((each) => each["account_id"])).toEqual([OTHER, OTHER]);
    for (const each of permissions) expect(each["group"]).toBeUndefined();
    expect(build({ shareWith: [] }).all("aws_ami_launch_permission")).toEqual([]);
  });

  test("a new version in front of the list replaces nothing: each has an id of its own", () => {
    const more = build({ images: [image("4.0.0"), ...IMAGES.images], keep: 3 });
    expect(more.ref("edge-image/gateway-3.0.0")).toBe(built.ref("edge-image/gateway-3.0.0"));
    expect(more.at("edge-image/gateway-3.0.0")).toEqual(built.at("edge-image/gateway-3.0.0"));
  });

  describe("the publisher", () => {
    const granted = statements(built.one("aws_iam_role_policy"));
    const allowing = (action: string) => granted.filter(({ actions }) => matches(actions, action));

    test("is the deployer's to assume, and nobody else's", () => {
      const trusted = statements(built.one("aws_iam_role"), "assume_role_policy");
      expect(trusted.flatMap(({ principals }) => principals)).toEqual(["arn:aws:iam::123456789012:role/deployer"]);
    });

    test("begins snapshots with the site's tags alone, and writes to such ones alone", () => {
      const asked = { "aws:RequestTag/project": "mqtt-dmz", "aws:RequestTag/site": "plant" };
      expect(allowing("ebs:StartSnapshot").map(({ Condition }) => Condition)).toEqual([{ StringEquals: asked }]);
      const own = { "aws:ResourceTag/project": "mqtt-dmz", "aws:ResourceTag/site": "plant" };
      // A snapshot of another site is not made one of this site by new tags.
      expect(allowing("ec2:CreateTags").map(({ Condition }) => Condition)).toEqual([
        { StringEquals: asked, StringEqualsIfExists: own },
      ]);
      for (const action of ["ebs:PutSnapshotBlock", "ebs:CompleteSnapshot"])
        expect(allowing(action).map(({ Condition }) => Condition)).toEqual([
          { StringEquals: { "aws:ResourceTag/project": "mqtt-dmz", "aws:ResourceTag/site": "plant" } },
        ]);
    });

    test.each([
      "ebs:GetSnapshotBlock",
      "ebs:ListSnapshotBlocks",
      "ec2:DeleteSnapshot",
      "ec2:ModifySnapshotAttribute",
      "ec2:RegisterImage",
      "ec2:ModifyImageAttribute",
      "ec2:RunInstances",
      "iam:PassRole",
      "kms:PutKeyPolicy",
      "s3:GetObject",
    ])("may not %s", (action) => {
      expect(allowing(action)).toEqual([]);
    });

    test("reaches snapshots of the site's region and the images' own key, and no other resource", () => {
      const resources = new Set(granted.flatMap((statement) => statement.resources));
      expect([...resources]).toEqual(["arn:aws:ec2:eu-central-1::snapshot/*", built.ref("edge-image/key", "arn")]);
    });
  });

  describe("the key", () => {
    const policy = statements(built.one("aws_kms_key"));
    const data = policy.filter(({ actions }) =>
      actions.some((action) => /^kms:(\*|Decrypt|Encrypt|GenerateDataKey|ReEncrypt|CreateGrant)/.test(action)),
    );

    test("encrypts for the publisher, and is used by the site's and the named accounts through EC2 alone", () => {
      for (const { principals, Condition } of data) {
        const isPublisher = Condition["ArnEquals"]?.["aws:PrincipalArn"] === PUBLISHER;
        const throughEc2 = Condition["StringEquals"]?.["kms:ViaService"] === "ec2.eu-central-1.amazonaws.com";
        expect([isPublisher, throughEc2]).toContain(true);
        const accounts = throughEc2 ? ["123456789012", OTHER] : ["123456789012"];
        expect(principals).toEqual(accounts.map((account) => `arn:aws:iam::${account}:root`));
      }
      expect(data).toHaveLength(4);
    });

    test("gives grants to AWS's own services alone", () => {
      for (const { actions, Condition } of data.filter((each) => matches(each.actions, "kms:CreateGrant"))) {
        expect(actions).toEqual(["kms:CreateGrant"]);
        expect(Condition["Bool"]).toEqual({ "kms:GrantIsForAWSResource": "true" });
      }
    });

    test("rotates, and outlives a mistake unless the site is a try-out", () => {
      expect(built.one("aws_kms_key")).toMatchObject({ enable_key_rotation: true, deletion_window_in_days: 7 });
      expect(build({}, testSite({ lifetime: "permanent" })).one("aws_kms_key")).toMatchObject({
        deletion_window_in_days: 30,
        lifecycle: { prevent_destroy: true },
      });
    });
  });
});

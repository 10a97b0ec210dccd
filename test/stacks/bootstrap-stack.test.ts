import { describe, expect, test } from "@jest/globals";
import { BootstrapStack, type BootstrapStackProps } from "../../stacks/bootstrap-stack";
import { type Document, resources, synthesize } from "./synthesize";
import { reviewable } from "./reviewable";

const props: BootstrapStackProps = {
  account: "123456789012",
  region: "eu-central-1",
  deployerRoles: ["arn:aws:iam::123456789012:role/deployer"],
};
const text = synthesize((app) => new BootstrapStack(app, "bootstrap", props));
const document = JSON.parse(text) as Document;
const one = (type: string) => resources(document).find((resource) => resource.type === type)?.block;

describe("BootstrapStack", () => {
  test("is this, whole and reviewable", () => {
    expect(reviewable(text)).toMatchSnapshot();
  });

  test("keeps its own state in a file beside the app, named by no machine's path", () => {
    expect(document.terraform.backend).toEqual({ local: { path: "../../../bootstrap.tfstate" } });
    expect(text).not.toContain(process.cwd());
  });

  test("an image's tag never moves to another image, and each push is scanned", () => {
    expect(one("aws_ecr_repository")).toMatchObject({
      name: "mqtt-dmz/broker",
      image_tag_mutability: "IMMUTABLE",
      image_scanning_configuration: { scan_on_push: true },
    });
  });

  test("no lifecycle rule ever removes a tagged image: a task that restarts must find its own", () => {
    const { rules } = JSON.parse(String(one("aws_ecr_lifecycle_policy")!.policy)) as {
      rules: { selection: { tagStatus: string } }[];
    };
    expect(rules.map(({ selection }) => selection.tagStatus)).toEqual(["untagged"]);
  });

  test("bucket, registry and signing key refuse to be destroyed", () => {
    for (const type of ["aws_s3_bucket", "aws_ecr_repository", "aws_kms_key"])
      expect(one(type)).toMatchObject({ lifecycle: { prevent_destroy: true } });
  });
});

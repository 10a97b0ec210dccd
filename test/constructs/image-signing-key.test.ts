import { describe, expect, test } from "@jest/globals";
import { ImageSigningKey } from "../../constructs/image-signing-key";
import { synth } from "../synth";
import { statements } from "./statements";

const ACCOUNT = "123456789012";
const DEPLOYER = `arn:aws:iam::${ACCOUNT}:role/deployer`;
const built = synth((stack) => new ImageSigningKey(stack, "signing", { account: ACCOUNT, deployerRoles: [DEPLOYER] }));
const policy = statements(built.one("aws_kms_key"));

describe("ImageSigningKey", () => {
  test("is ECDSA P-256, for signatures alone, and found by its alias", () => {
    expect(built.one("aws_kms_key")).toMatchObject({
      key_usage: "SIGN_VERIFY",
      customer_master_key_spec: "ECC_NIST_P256",
    });
    expect(built.one("aws_kms_alias")).toMatchObject({ name: "alias/mqtt-dmz-image-signing" });
  });

  test("the deployer roles sign, and nobody else: not even the account's administrators", () => {
    const signers = policy.filter(({ actions }) =>
      actions.some((action) => action === "kms:Sign" || action.includes("*")),
    );
    expect(signers.flatMap(({ principals }) => principals)).toEqual([DEPLOYER]);
  });

  test("the account verifies", () => {
    expect(policy.find(({ actions }) => actions.includes("kms:Verify"))?.principals).toEqual([
      `arn:aws:iam::${ACCOUNT}:root`,
    ]);
  });

  test("refuses to be destroyed", () => {
    expect(built.one("aws_kms_key")).toMatchObject({
      lifecycle: { prevent_destroy: true },
      deletion_window_in_days: 30,
    });
  });
});

import { describe, expect, test } from "@jest/globals";
import { BACKUP } from "../../broker/src/store/backup-checkpoints";
import { testSite } from "../site";
import { synth } from "../synth";
import { siteParts } from "./site-parts";
import { statements } from "./statements";

const site = testSite({ lifetime: "permanent" });
const built = synth((stack) => siteParts(stack, site));
interface Rule {
  readonly schedule: string;
  readonly start_window: number;
  readonly completion_window: number;
  readonly lifecycle: { readonly delete_after: number };
}
const [rule] = built.one("aws_backup_plan").rule as [Rule];

describe("StoreBackup", () => {
  test("copies the message store's file system every day and keeps each copy for 35 days", () => {
    expect(rule).toMatchObject({ schedule: "cron(0 3 * * ? *)", lifecycle: { delete_after: 35 } });
    expect(built.one("aws_backup_selection")).toMatchObject({
      resources: [built.ref("message-store/file-system", "arn")],
      iam_role_arn: built.ref("message-store/store-backup/role", "arn"),
    });
  });

  test("ends before the broker removes the checkpoint that was the latest when it began", () => {
    const staysMs = (BACKUP.keep - 1) * BACKUP.everyMs;
    expect((rule.start_window + rule.completion_window) * 60_000).toBeLessThan(staysMs);
  });

  test("is AWS Backup's to do, for this account alone", () => {
    const [trust] = statements(built.at("message-store/store-backup/role"), "assume_role_policy");
    expect(trust).toMatchObject({
      Effect: "Allow",
      actions: ["sts:AssumeRole"],
      Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
    });
  });
});

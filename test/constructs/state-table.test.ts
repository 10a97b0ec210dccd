import { describe, expect, test } from "@jest/globals";
import { StateTable } from "../../constructs/state-table";
import { testSite } from "../site";
import { synth } from "../synth";

const tableOf = (lifetime: "permanent" | "ephemeral") =>
  synth((stack) => new StateTable(stack, "state", { site: testSite({ lifetime }) }));

describe("StateTable", () => {
  test("is found by its name, keyed by pk, paid for by use and encrypted", () => {
    expect(tableOf("ephemeral").one("aws_dynamodb_table")).toMatchObject({
      name: "plant-state",
      hash_key: "pk",
      attribute: [{ name: "pk", type: "S" }],
      billing_mode: "PAY_PER_REQUEST",
      server_side_encryption: { enabled: true },
    });
  });

  test("leaves lease and manifests to those who own them: Terraform declares no item", () => {
    expect(tableOf("permanent").all("aws_dynamodb_table_item")).toEqual([]);
  });

  test("a permanent site's table refuses to be deleted and can be taken back to any second", () => {
    expect(tableOf("permanent").one("aws_dynamodb_table")).toMatchObject({
      deletion_protection_enabled: true,
      point_in_time_recovery: { enabled: true },
      lifecycle: { prevent_destroy: true },
    });
  });

  test("an ephemeral site's table goes and leaves no backup", () => {
    const table = tableOf("ephemeral").one("aws_dynamodb_table");
    expect(table).toMatchObject({ deletion_protection_enabled: false, point_in_time_recovery: { enabled: false } });
    expect(table).not.toHaveProperty("lifecycle");
  });
});

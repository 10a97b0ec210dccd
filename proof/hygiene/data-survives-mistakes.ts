import type { Resource } from "../facts/facts";
import { attributeRule, type Finding } from "./attribute-rule";
import { isLiteral, isTrue } from "./attributes";

const atLeast =
  (days: number) =>
  (value: string | number | boolean | undefined): boolean =>
    value === undefined || (typeof value === "number" && value >= days);

const BY_TYPE: Readonly<Record<string, (values: Resource["values"]) => Finding>> = {
  aws_secretsmanager_secret: (values) =>
    isLiteral(
      "recovery_window_in_days",
      values["recovery_window_in_days"],
      atLeast(7),
      "is gone at once when it is deleted",
    ),
  aws_kms_key: (values) =>
    isLiteral(
      "deletion_window_in_days",
      values["deletion_window_in_days"],
      atLeast(7),
      "is gone at once when it is deleted",
    ),
  aws_dynamodb_table: (values) =>
    isLiteral(
      "deletion_protection_enabled",
      values["deletion_protection_enabled"],
      isTrue,
      "has no deletion protection",
    ),
  aws_lb: (values) =>
    isLiteral("enable_deletion_protection", values["enable_deletion_protection"], isTrue, "has no deletion protection"),
};

export const dataSurvivesMistakes = attributeRule({
  id: "data-survives-mistakes",
  what: "Secrets and keys can be recovered for a week after deletion; tables and load balancers are protected from it. Ephemeral sites are exempt.",
  why: "A lost CA means a visit to every device in the field; a lost address, a change in every plant's firewall.",
  promises: ["P8", "P9"],
  controls: ["M0953", "SR 7.3", "CP-9"],
  types: Object.keys(BY_TYPE),
  source: "a mistaken destroy",
  look: ({ type, values }, { lifetime }) => lifetime === "ephemeral" || BY_TYPE[type]!(values),
});

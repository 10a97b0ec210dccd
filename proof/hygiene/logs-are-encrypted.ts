import { attributeRule } from "./attribute-rule";
import { isSet } from "./attributes";

export const logsAreEncrypted = attributeRule({
  id: "logs-are-encrypted-under-our-key",
  what: "Every log group is encrypted under a customer-managed key.",
  why: "Logs name devices, addresses and faults; a key of our own says who reads them and shows who did.",
  promises: ["P9"],
  controls: ["M0941", "SR 4.1", "SC-28"],
  types: ["aws_cloudwatch_log_group"],
  source: "whoever reads logs in the account",
  look: ({ values }) => isSet("kms_key_id", values["kms_key_id"], "has no 'kms_key_id'"),
});

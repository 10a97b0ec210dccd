import type { Resource } from "../facts/facts";
import { attributeRule, type Finding } from "./attribute-rule";
import { blocksOf, isLiteral, isTrue } from "./attributes";

const BY_TYPE: Readonly<Record<string, (values: Resource["values"]) => Finding>> = {
  aws_efs_file_system: (values) => isLiteral("encrypted", values["encrypted"], isTrue, "is not 'encrypted'"),
  aws_ebs_volume: (values) => isLiteral("encrypted", values["encrypted"], isTrue, "is not 'encrypted'"),
  aws_db_instance: (values) =>
    isLiteral("storage_encrypted", values["storage_encrypted"], isTrue, "is not 'storage_encrypted'"),
  aws_dynamodb_table: (values) =>
    blocksOf(values["server_side_encryption"]).some(({ enabled }) => isTrue(enabled)) ||
    "has no 'server_side_encryption' under KMS",
};

export const storageIsEncrypted = attributeRule({
  id: "storage-is-encrypted",
  what: "Every file system, volume, database and table is encrypted at rest under a KMS key.",
  why: "Queued messages are the plant's production data; a copied disk must be worth nothing.",
  promises: ["P9"],
  controls: ["M0941", "SR 4.1", "SC-28"],
  types: Object.keys(BY_TYPE),
  source: "whoever gets hold of a copy",
  look: ({ type, values }) => BY_TYPE[type]!(values),
});

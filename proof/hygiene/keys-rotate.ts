import { attributeRule } from "./attribute-rule";
import { isLiteral, isTrue } from "./attributes";

export const keysRotate = attributeRule({
  id: "keys-rotate",
  what: "Every symmetric customer-managed key rotates by itself.",
  why: "What one key protects is bounded by time, and nobody has to remember it.",
  promises: ["P9"],
  controls: ["M0927", "SR 1.5", "SC-12"],
  types: ["aws_kms_key"],
  source: "whoever learns a key's material",
  look: ({ values }) => {
    const spec = values["customer_master_key_spec"];
    // KMS rotates no asymmetric key: those that sign images are replaced by hand.
    if (spec !== undefined && spec !== null && spec !== "SYMMETRIC_DEFAULT") return true;
    return isLiteral("enable_key_rotation", values["enable_key_rotation"], isTrue, "does not 'enable_key_rotation'");
  },
});

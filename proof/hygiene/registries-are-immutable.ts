import { attributeRule } from "./attribute-rule";
import { blocksOf, isLiteral, isTrue } from "./attributes";

export const registriesAreImmutable = attributeRule({
  id: "registries-are-immutable",
  what: "Every image registry refuses to move a tag, and scans what is pushed.",
  why: "What was signed and scanned under a name must stay what that name means.",
  promises: ["P9"],
  controls: ["M0945", "SR 3.4", "SI-7"],
  types: ["aws_ecr_repository"],
  source: "whoever may push to the registry",
  look: ({ values }) => [
    isLiteral(
      "image_tag_mutability",
      values["image_tag_mutability"],
      (word) => word === "IMMUTABLE",
      "has tags that can be moved",
    ),
    blocksOf(values["image_scanning_configuration"]).some((scan) => isTrue(scan["scan_on_push"])) ||
      "does not scan on push",
  ],
});

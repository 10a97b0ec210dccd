import { attributeRule, Unreadable } from "./attribute-rule";
import { containersOf } from "./container-definitions";

const DIGEST = /@sha256:[0-9a-f]{64}$/;

export const imagesComeByDigest = attributeRule({
  id: "images-come-by-digest",
  what: "Every container's image is named by its digest.",
  why: "A tag can be moved: tomorrow's task would run what nobody reviewed.",
  promises: ["P9"],
  controls: ["M0945", "SR 3.4", "SI-7"],
  types: ["aws_ecs_task_definition"],
  source: "whoever may push to the registry",
  look: ({ values }) =>
    containersOf(values["container_definitions"])?.map(
      ({ name, image }) =>
        (typeof image === "string" && DIGEST.test(image)) ||
        `container "${String(name)}" runs the image "${String(image)}", which is no digest`,
    ) ?? new Unreadable("'container_definitions' is not known"),
});

import { attributeRule, type Finding } from "./attribute-rule";
import { blocksOf } from "./attributes";

export const mountsSpeakTls = attributeRule({
  id: "mounts-speak-tls",
  what: "Every task mounts its file system over TLS, with its role's credentials.",
  why: "The message store crosses the network: queued commands in the clear could be read and changed on the way.",
  promises: ["P3"],
  controls: ["M0808", "SR 4.1", "SC-8"],
  types: ["aws_ecs_task_definition"],
  source: "whoever is in the broker's subnets",
  look: ({ values }) =>
    blocksOf(values["volume"]).flatMap((volume) =>
      blocksOf(volume["efs_volume_configuration"]).flatMap((efs): readonly Finding[] => [
        efs["transit_encryption"] === "ENABLED" || `volume "${String(volume["name"])}" is mounted without TLS`,
        blocksOf(efs["authorization_config"]).some(({ iam }) => iam === "ENABLED") ||
          `volume "${String(volume["name"])}" asks for no role`,
      ]),
    ),
});

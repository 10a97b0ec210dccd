import { attributeRule } from "./attribute-rule";
import { isLiteral, isTrue } from "./attributes";

export const nobodyEntersTasks = attributeRule({
  id: "nobody-enters-tasks",
  what: "No service lets anybody open a shell in its tasks.",
  why: "A shell in the broker is past every rule about topics, and shows in no connection log.",
  promises: ["P5"],
  controls: ["M0942", "SR 7.7", "CM-7"],
  types: ["aws_ecs_service"],
  source: "whoever may call ecs:ExecuteCommand",
  look: ({ values }) =>
    isLiteral(
      "enable_execute_command",
      values["enable_execute_command"],
      (value) => !isTrue(value),
      "has 'enable_execute_command'",
    ),
});

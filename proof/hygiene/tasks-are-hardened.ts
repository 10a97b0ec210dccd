import { attributeRule, type Finding, Unreadable } from "./attribute-rule";
import { type Container, containersOf } from "./container-definitions";

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Container)[key] : undefined),
    value,
  );

/** In a state, what was never set is an empty text. */
const isUnset = (value: unknown): boolean => value === undefined || value === null || value === "";

const faults = (container: Container): readonly Finding[] => {
  const name = `container "${String(container["name"])}"`;
  const user = typeof container["user"] === "string" ? container["user"] : "";
  const drop = at(container, "linuxParameters", "capabilities", "drop");
  const add = at(container, "linuxParameters", "capabilities", "add");
  return [
    container["readonlyRootFilesystem"] === true || `${name} can write its root file system`,
    container["privileged"] !== true || `${name} is privileged`,
    /^[1-9]\d*(:\d+)?$/.test(user) || `${name} runs as root, or as a user that the image chooses`,
    (Array.isArray(drop) && drop.includes("ALL")) || `${name} keeps capabilities`,
    (Array.isArray(add) ? add.length === 0 : add === undefined || add === null) || `${name} adds capabilities`,
  ];
};

export const tasksAreHardened = attributeRule({
  id: "tasks-are-hardened",
  what: "Every container has a read-only root, a user of its own, no privilege and no capability; its task shares no namespace with the host.",
  why: "Whoever breaks into the broker finds nothing to write, nothing to run and nobody else's memory.",
  promises: ["P5"],
  controls: ["M0942", "SR 7.7", "CM-7"],
  types: ["aws_ecs_task_definition"],
  source: "whoever breaks into the broker",
  look: ({ values }) => [
    ...(containersOf(values["container_definitions"])?.flatMap(faults) ?? [
      new Unreadable("'container_definitions' is not known"),
    ]),
    isUnset(values["pid_mode"]) || "shares process ids",
    isUnset(values["ipc_mode"]) || values["ipc_mode"] === "none" || "shares memory",
    values["network_mode"] === "awsvpc" || "has no network interface of its own",
  ],
});

import type { Place, Value } from "./facts";
import { isObject, type Json, type JsonObject } from "./parse-json";

const place = (name: string, value: Json | undefined, sensitive = false): Place[] =>
  value === undefined || value === null
    ? []
    : [{ place: name, value: value as Value, ...(sensitive && { sensitive }) }];

/** Outputs of a state, or of what is planned: sensitive ones are in it in clear. */
export const outputPlaces = (holder: Json | undefined, prefix: string): Place[] => {
  const outputs = isObject(holder) && isObject(holder.outputs) ? Object.entries(holder.outputs) : [];
  return outputs.flatMap(([name, output]) =>
    isObject(output) ? place(`${prefix}output.${name}`, output.value, output.sensitive === true) : [],
  );
};

/** Values alone: names and addresses have ids in them that look like keys. */
const resourcePlaces = (module: Json | undefined, prefix: string): Place[] => {
  if (!isObject(module)) return [];
  const list = (json: Json | undefined) => (Array.isArray(json) ? (json as readonly Json[]).filter(isObject) : []);
  return [
    ...list(module.resources).flatMap(({ address, values }) => place(`${prefix}${String(address)}`, values)),
    ...list(module.child_modules).flatMap((child) => resourcePlaces(child, prefix)),
  ];
};

/** What an expression is by itself, or a variable is without being given: what a configuration says beside names. */
const constantPlaces = (json: Json | undefined, at: string): Place[] => {
  if (Array.isArray(json))
    return (json as readonly Json[]).flatMap((item, index) => constantPlaces(item, `${at}[${index}]`));
  if (!isObject(json)) return [];
  return Object.entries(json).flatMap(([key, value]) =>
    key === "constant_value" || key === "default" ? place(at, value) : constantPlaces(value, `${at}.${key}`),
  );
};

/** What a plan says beside the resources that it plans. */
export const planPlaces = (plan: JsonObject): readonly Place[] => {
  const configuration = isObject(plan.configuration) ? plan.configuration : {};
  const root = isObject(configuration.root_module) ? configuration.root_module : {};
  const declared = isObject(root.variables) ? root.variables : {};
  const changes = Array.isArray(plan.resource_changes) ? (plan.resource_changes as readonly Json[]) : [];
  const drift = Array.isArray(plan.resource_drift) ? (plan.resource_drift as readonly Json[]) : [];
  const prior = isObject(plan.prior_state) ? plan.prior_state.values : undefined;
  return [
    ...Object.entries(isObject(plan.variables) ? plan.variables : {}).flatMap(([name, given]) => {
      const declaration = declared[name];
      const sensitive = isObject(declaration) && declaration.sensitive === true;
      return isObject(given) ? place(`variables.${name}`, given.value, sensitive) : [];
    }),
    ...outputPlaces(plan.planned_values, "planned_values."),
    ...outputPlaces(prior, "prior_state."),
    ...resourcePlaces(isObject(prior) ? prior.root_module : undefined, "prior_state."),
    ...[...changes, ...drift]
      .filter(isObject)
      .flatMap(({ address, change }) =>
        isObject(change)
          ? [...place(`${String(address)} before`, change.before), ...place(`${String(address)} after`, change.after)]
          : [],
      ),
    ...place("output_changes", plan.output_changes),
    ...constantPlaces(plan.configuration, "configuration"),
  ];
};

/** What a synthesized stack says beside the attributes of its resources. */
export const synthPlaces = (
  document: JsonObject,
  declared: readonly { readonly address: string; readonly block: JsonObject }[],
): readonly Place[] => [
  ...["locals", "variable", "provider", "terraform", "module"].flatMap((name) => place(name, document[name])),
  ...[document.output, document.variable].flatMap((blocks, index) =>
    (Array.isArray(blocks) ? (blocks as readonly Json[]) : [blocks]).filter(isObject).flatMap((named) =>
      Object.entries(named).flatMap(([name, block]) => {
        if (!isObject(block)) return place(`output.${name}`, block);
        const value = index === 0 ? block.value : block.default;
        return place(`${index === 0 ? "output" : "variable"}.${name}`, value, block.sensitive === true);
      }),
    ),
  ),
  ...declared.flatMap(({ address, block }) => [
    ...place(`${address}: 'provisioner'`, block.provisioner),
    ...place(`${address}: 'connection'`, block.connection),
  ]),
];

import { BadInput } from "./bad-input";
import { type Block, type Facts, type Resource, Unknown } from "./facts";
import { makeFacts } from "./make-facts";
import { outputPlaces } from "./places";
import { type Json, type JsonObject, list, object, parseJson, text } from "./parse-json";

/**
 * Facts of what is deployed: `terraform show -json`, or a `terraform.tfstate` of format 4. Everything in a state is known.
 *
 * @param file for the messages alone.
 * @throws BadInput with the place.
 */
export function readState(json: string, file = "state"): Facts {
  const state = parseJson(json, file);
  if (state.planned_values !== undefined) throw new BadInput(file, "must be a state, got a plan, which --plan reads");
  if (state.version === 4) return ofFile(state, file);
  if (state.version !== undefined)
    throw new BadInput(`${file}: 'version'`, `must be 4, got ${JSON.stringify(state.version)}`);
  const version = state.format_version;
  if (typeof version !== "string" || !/^[01]\./.test(version))
    throw new BadInput(`${file}: 'format_version'`, `must be 1.x, got ${JSON.stringify(version) ?? "nothing"}`);
  // An empty state has no values at all.
  const read =
    state.values === undefined ? [] : stateModule(object(state.values, `${file}: 'values'`).root_module, file);
  return makeFacts("state", file, read, [], new Map(), outputPlaces(state.values, ""));
}

/** The resources of a module and of those that it calls, in the form that plans and `terraform show` share. */
export function stateModule(json: Json | undefined, file: string): Resource[] {
  if (json === undefined) return [];
  const module = object(json, `${file}: a module`);
  const own = list(module.resources, `${file}: 'resources'`).map((item): Resource => {
    const resource = object(item, `${file}: a resource`);
    const address = text(resource.address, `${file}: a resource's 'address'`);
    return {
      address,
      mode: resource.mode === "data" ? "data" : "managed",
      type: text(resource.type, `${file}: ${address}: 'type'`),
      provider: text(resource.provider_name, `${file}: ${address}: 'provider_name'`),
      values: object(resource.values ?? {}, `${file}: ${address}: 'values'`) as Block,
    };
  });
  return [
    ...own,
    ...list(module.child_modules, `${file}: 'child_modules'`).flatMap((child) => stateModule(child, file)),
  ];
}

function ofFile(state: JsonObject, file: string): Facts {
  const unread: Unknown[] = [];
  const read = list(state.resources, `${file}: 'resources'`).flatMap((item) => {
    const resource = object(item, `${file}: a resource`);
    const type = text(resource.type, `${file}: a resource's 'type'`);
    const name = `${type}.${text(resource.name, `${file}: a resource's 'name'`)}`;
    const data = resource.mode === "data" ? "data." : "";
    const base = `${typeof resource.module === "string" ? `${resource.module}.` : ""}${data}${name}`;
    const provider = /"([^"]+)"/.exec(text(resource.provider, `${file}: ${base}: 'provider'`))?.[1];
    return list(resource.instances, `${file}: ${base}: 'instances'`).flatMap((entry): Resource[] => {
      const instance = object(entry, `${file}: ${base}: an instance`);
      const key = instance.index_key;
      const address = key === undefined || key === null ? base : `${base}[${JSON.stringify(key)}]`;
      if (instance.deposed !== undefined) {
        unread.push(new Unknown(address, "a former instance of it is still to be destroyed: apply once more"));
        return [];
      }
      const values = object(instance.attributes, `${file}: ${address}: 'attributes'`) as Block;
      return [{ address, mode: data === "" ? "managed" : "data", type, provider: provider ?? "", values }];
    });
  });
  return makeFacts("state", file, read, unread, new Map(), outputPlaces(state, ""));
}

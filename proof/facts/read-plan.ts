import { BadInput } from "./bad-input";
import { configured, type ReadReferences } from "./configured";
import { type Block, type Facts, type Resource, Unknown, type Value } from "./facts";
import { makeFacts } from "./make-facts";
import { mergeUnknown } from "./merge-unknown";
import { isObject, type Json, type JsonObject, list, object, parseJson, text } from "./parse-json";
import { planPlaces } from "./places";
import { aliased } from "./provider-alias";
import { joined, PlanModule, type PlanWorld, suffix } from "./plan-module";
import { versionFault } from "./read-providers";
import { stateModule } from "./read-state";

const ACTIONS: Readonly<Record<string, "create" | "update" | "replace" | "delete" | "read" | "no-op">> = {
  create: "create",
  update: "update",
  "delete,create": "replace",
  "create,delete": "replace",
  delete: "delete",
  read: "read",
  "no-op": "no-op",
};

/**
 * Facts of a plan (`terraform show -json`): what will be there after apply. What is known only then is told by the
 * references in the plan's configuration.
 *
 * @param options.file for the messages alone.
 * @param options.references what to make of expressions in HCL. @default "unknown"
 * @throws BadInput with the place.
 */
export function readPlan(
  json: string,
  { file = "plan", references = "unknown" }: { readonly file?: string; readonly references?: ReadReferences } = {},
): Facts {
  // A zip archive: what 'terraform plan -out' writes.
  if (json.startsWith("PK\u0003\u0004"))
    throw new BadInput(file, "must be what 'terraform show -json <plan>' prints, got the plan in Terraform's own form");
  const plan = parseJson(json, file);
  checkForm(plan, file);
  const marks = new Map<string, JsonObject>();
  const changes = new Map<string, "create" | "update" | "replace" | "delete" | "read" | "no-op">();
  const told = new Set<string>();
  const unread: Unknown[] = [];
  for (const item of list(plan.resource_changes, `${file}: 'resource_changes'`)) {
    const change = object(item, `${file}: a change`);
    // What is left of a former one goes: it says nothing of the one that has its address.
    if (change.deposed !== undefined) continue;
    const address = text(change.address, `${file}: a change's 'address'`);
    const detail = object(change.change, `${file}: ${address}: 'change'`);
    const action = ACTIONS[list(detail.actions, `${file}: ${address}: 'actions'`).join()];
    told.add(address);
    if (action) changes.set(address, action);
    // Terraform forgets it, AWS does not.
    else
      unread.push(new Unknown(address, `is ${JSON.stringify(detail.actions)}: what becomes of it is not in the plan`));
    if (isObject(detail.after_unknown)) marks.set(address, detail.after_unknown);
  }
  if (plan.complete === false) unread.push(new Unknown(file, "is not complete: apply once more, then plan again"));

  const planned = object(plan.planned_values, `${file}: 'planned_values'`);
  const raw = stateModule(planned.root_module, file);
  const prior =
    isObject(plan.prior_state) && isObject(plan.prior_state.values) ? plan.prior_state.values.root_module : undefined;
  const before = new Set(stateModule(prior, file).map(({ address }) => address));
  for (const { address, mode } of raw)
    if (mode === "managed" && !told.has(address) && !before.has(address))
      unread.push(new Unknown(address, "is planned, yet neither there before nor among the changes"));
  const there = new Set(raw.map(({ address }) => address));
  const lookedUp = stateModule(prior, file).filter(({ mode, address }) => mode === "data" && !there.has(address));

  const configuration = object(plan.configuration, `${file}: 'configuration'`);
  const world: PlanWorld = {
    file,
    instances: keysByBase([...raw, ...lookedUp].map(({ address }) => address)),
    modules: keysByBase(modulesOf([...raw, ...lookedUp].map(({ address }) => address))),
    variables: isObject(plan.variables) ? plan.variables : {},
    references,
    open: [],
  };
  const root = new PlanModule(
    world,
    "",
    object(configuration.root_module ?? {}, `${file}: 'configuration.root_module'`),
  );
  unread.push(...providerFaults(configuration, raw, file));

  const resources = raw.map((resource): Resource => {
    const mark = marks.get(resource.address);
    const alias = aliasOf(resource, root);
    if (!mark || resource.mode === "data")
      return resource.mode === "data" ? deferred(resource, mark) : { ...resource, ...alias };
    return { ...resource, ...alias, values: known(resource, mark, root, references) };
  });
  unread.push(...provisioners(resources, root));
  return makeFacts("plan", file, [...resources, ...lookedUp], unread, changes, planPlaces(plan));
}

function checkForm(plan: JsonObject, file: string): void {
  if (plan.planned_values === undefined)
    throw new BadInput(
      file,
      plan.values !== undefined || plan.version === 4
        ? "must be a plan, got a state, which 'dmz prove --state' reads"
        : "must be a plan as 'terraform show -json <plan>' prints it, got no 'planned_values'",
    );
  const version = plan.format_version;
  if (typeof version !== "string" || !/^[01]\./.test(version))
    throw new BadInput(`${file}: 'format_version'`, `must be 1.x, got ${JSON.stringify(version) ?? "nothing"}`);
  if (plan.errored === true)
    throw new BadInput(file, "must be a plan that succeeded, got one that ended with an error");
  if (plan.configuration === undefined) throw new BadInput(`${file}: 'configuration'`, "must be there, got nothing");
}

const aliasOf = ({ address }: Resource, root: PlanModule): Pick<Resource, "alias"> => {
  const { module, local } = located(address, root);
  return aliased(module?.resource(local)?.provider_config_key);
};

function known(resource: Resource, mark: JsonObject, root: PlanModule, references: ReadReferences): Block {
  const { module, local, key } = located(resource.address, root);
  const declared = module?.resource(local);
  const expressions = isObject(declared?.expressions) ? declared.expressions : {};
  const names = new Set([...Object.keys(resource.values), ...Object.keys(mark)]);
  return Object.fromEntries(
    [...names].flatMap((name): [string, Value][] => {
      const place = `${resource.address}: '${name}'`;
      const expression = expressions[name];
      const config = () =>
        expression === undefined || !module || !declared
          ? undefined
          : configured(expression, module.scope(place, { declared, key }), references);
      const value =
        mark[name] === undefined
          ? resource.values[name]
          : mergeUnknown(resource.values[name] as Json, mark[name], config(), place);
      // A module that cannot be found tells nothing, not even that something is not configured.
      const found = value === undefined && !declared ? new Unknown(place, "is not in the plan's configuration") : value;
      return found === undefined ? [] : [[name, found]];
    }),
  );
}

/** A data source that is read during apply: nothing of it is known but what it is asked. */
function deferred(resource: Resource, mark: JsonObject | undefined): Resource {
  if (!mark) return resource;
  const unknown = Object.entries(mark).flatMap(([name, value]): [string, Value][] =>
    value === true || isObject(value) || Array.isArray(value)
      ? JSON.stringify(value).includes("true")
        ? [[name, new Unknown(`${resource.address}: '${name}'`, "is looked up during apply")]]
        : []
      : [],
  );
  return { ...resource, values: { ...resource.values, ...Object.fromEntries(unknown) } };
}

const PART = /^(module\.[^.[]+)(\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\./;
const KEY = /\[(\d+|"(?:[^"\\]|\\.)*")\]$/;

const keyOf = (address: string): string | number | undefined => {
  const found = KEY.exec(address)?.[1];
  return found === undefined ? undefined : (JSON.parse(found) as string | number);
};

function located(
  address: string,
  root: PlanModule,
): { readonly module: PlanModule | undefined; readonly local: string; readonly key: string | number | undefined } {
  let module: PlanModule | undefined = root;
  let rest = address;
  for (let part = PART.exec(rest); part; part = PART.exec(rest)) {
    module = module?.child(part[1]!.slice("module.".length), keyOf(part[2] ?? ""));
    rest = rest.slice(part[0].length);
  }
  return { module, local: rest.replace(KEY, ""), key: keyOf(rest) };
}

function keysByBase(addresses: readonly string[]): ReadonlyMap<string, readonly (string | number | undefined)[]> {
  const keys = new Map<string, (string | number | undefined)[]>();
  for (const address of addresses) {
    const base = address.replace(KEY, "");
    const found = keys.get(base);
    if (found) found.push(keyOf(address));
    else keys.set(base, [keyOf(address)]);
  }
  return keys;
}

/** Addresses of the modules that resources stand in, each once. */
function modulesOf(addresses: readonly string[]): string[] {
  const modules = new Set<string>();
  for (const address of addresses) {
    let prefix = "";
    let rest = address;
    for (let part = PART.exec(rest); part; part = PART.exec(rest)) {
      prefix = joined(prefix, part[1]! + (part[2] ?? ""));
      modules.add(prefix);
      rest = rest.slice(part[0].length);
    }
  }
  return [...modules];
}

function provisioners(resources: readonly Resource[], root: PlanModule): Unknown[] {
  return resources.flatMap(({ address }) => {
    const { module, local, key } = located(address, root);
    if (module?.resource(local)?.provisioners === undefined) return [];
    return [
      new Unknown(
        `${joined(module.address, local)}${suffix(key)}: 'provisioner'`,
        "it runs a program, which can do anything",
      ),
    ];
  });
}

/** Another version of the provider has other attributes: 6 has a region in each of them. */
function providerFaults(configuration: JsonObject, resources: readonly Resource[], file: string): Unknown[] {
  const providers = isObject(configuration.provider_config) ? Object.entries(configuration.provider_config) : [];
  const versions = providers.flatMap(([key, config]) =>
    isObject(config) && String(config.full_name).endsWith("/hashicorp/aws")
      ? versionFault(config.version_constraint, `${file}: 'configuration.provider_config.${key}.version_constraint'`)
      : [],
  );
  const newer = resources.find(({ type, values }) => NO_REGION.has(type) && values.region !== undefined);
  return newer
    ? [
        ...versions,
        new Unknown(`${newer.address}: 'region'`, "comes from version 6 of the AWS provider; the model knows 5"),
      ]
    : versions;
}

const NO_REGION: ReadonlySet<string> = new Set([
  "aws_vpc",
  "aws_subnet",
  "aws_security_group",
  "aws_lb",
  "aws_instance",
]);

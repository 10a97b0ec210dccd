import { describe, expect, test } from "@jest/globals";
import { defineSite } from "../../policy/define-site";
import { deriveAccess } from "../../policy/derive-access";
import type { Role } from "../../policy/role";
import { raw } from "../../policy/roles/raw";
import type { IdentityDeclaration, Site } from "../../policy/site";
import { faultsOf, valid } from "./declaration";

const withEdge = (...edge: readonly IdentityDeclaration[]): Site => defineSite({ ...valid, edge });
const grantsOf = (site: Site, id: string): unknown => deriveAccess(site)[0]!.roles[id];
const own = { publish: ["d/{id}"], subscribe: ["c/{id}"] };

describe("what defineSite validated is what is derived", () => {
  test("although a role made by hand answers differently when asked again", () => {
    const answers = [own];
    const role: Role = {
      id: "raw:a",
      template: "raw",
      grants: () => answers.shift() ?? { publish: ["#"], subscribe: ["#"] },
    };
    const site = withEdge({ name: "a", role });
    expect(grantsOf(site, "raw:a")).toEqual(own);
    expect(grantsOf(site, "raw:a")).toEqual(own);
  });

  test("although its id answers differently, too", () => {
    const ids = ["raw:a", "__proto__", "__proto__"];
    const role: Role = { id: "raw:a", template: "raw", grants: () => own };
    const site = withEdge({ name: "a", role: Object.defineProperty(role, "id", { get: () => ids.shift() }) });
    expect(site.identities[0]!.role.id).toBe("raw:a");
  });

  test("although the caller changes its lists, its roles or its identities afterwards", () => {
    const [publish, subscribe] = [[...own.publish], [...own.subscribe]];
    const role = raw({ name: "a", publish, subscribe });
    const identity: { name: string; role: Role; certificate: "required" | "password-only" } = {
      name: "a",
      role,
      certificate: "required",
    };
    const site = withEdge(identity);
    const before = JSON.stringify(deriveAccess(site));
    publish.push("#");
    subscribe[0] = "#";
    Object.assign(role, { grants: () => ({ publish: ["#"], subscribe: ["#"] }) });
    Object.assign(identity, { name: "b", certificate: "password-only" });
    expect(JSON.stringify(deriveAccess(site))).toBe(before);
  });

  test("and nobody can change the site", () => {
    const site = defineSite({ ...valid, tags: { a: "b" } });
    const [identity] = site.identities;
    for (const change of [
      () => (site.identities as unknown[]).push(identity),
      () => Object.assign(identity!, { kind: "enterprise" }),
      () => Object.assign(identity!.role, { grants: { publish: ["#"], subscribe: [] } }),
      () => Object.assign(identity!.role.grants, { publish: ["#"] }),
      () => (identity!.role.grants.subscribe as string[]).push("#"),
      () => (site.aws.zones as string[]).push("eu-central-1c"),
      () => Object.assign(site.aws, { deployerRole: "x" }),
      () => Object.assign(site.broker, { image: "x" }),
      () => Object.assign(site.tags, { a: "c" }),
    ])
      expect(change).toThrow(TypeError);
  });
});

test("an edge identity cannot have the operator's role, not even to share its reads", () => {
  const role: Role = {
    id: "operator",
    template: "operator",
    grants: () => ({ publish: [], subscribe: ["$SYS/#"] }),
    sharedReads: () => ["$SYS/#"],
  };
  expect(faultsOf({ ...valid, edge: [{ name: "x", role }], enterprise: [] })).toEqual([
    expect.objectContaining({ path: "edge[0].role", rule: expect.stringMatching(/^must not be the operator's/) }),
  ]);
});

import { describe, expect, test } from "@jest/globals";
import type { AccessDocument, AccessIdentity } from "../../../proof/access/access-document";
import { compareAccess } from "../../../proof/review/compare-access";

const identity = (
  name: string,
  grants: Partial<Record<"publish" | "subscribe", string[]>>,
  more = {},
): AccessIdentity => ({
  at: name,
  name,
  kind: "edge",
  certificate: "required",
  roleId: "r",
  role: { at: "r", id: "r", publish: [], subscribe: [], ...grants },
  ...more,
});
const document = (...identities: AccessIdentity[]): AccessDocument => ({ shards: [], roles: [], identities });

describe("the comparison of two access documents", () => {
  test("tells what an identity gains and loses, each with a topic that shows it", () => {
    const { topics } = compareAccess(
      document(identity("gw", { publish: ["a/{id}/#"], subscribe: ["c/{id}/+"] })),
      document(identity("gw", { publish: ["a/{id}/data"], subscribe: ["c/{id}/+", "c/all"] })),
    );
    expect(topics).toEqual([
      { identity: "gw", right: "publish", change: "loses", filter: "a/gw/#", witness: "a/gw" },
      { identity: "gw", right: "subscribe", change: "gains", filter: "c/all", witness: "c/all" },
    ]);
  });

  test("is silent about a filter that another one covers", () => {
    const { topics } = compareAccess(
      document(identity("gw", { publish: ["a/#", "a/b"] })),
      document(identity("gw", { publish: ["a/#", "a/c/+"] })),
    );
    expect(topics).toEqual([]);
  });

  test("names identities that come and go, and what a new one may do", () => {
    const changes = compareAccess(
      document(identity("old", { publish: ["a/{id}"] })),
      document(identity("new", { publish: ["a/{id}"] })),
    );
    expect(changes.added.map(({ name }) => name)).toEqual(["new"]);
    expect(changes.removed.map(({ name }) => name)).toEqual(["old"]);
    expect(changes.topics).toEqual([
      { identity: "new", right: "publish", change: "gains", filter: "a/new", witness: "a/new" },
    ]);
  });

  test("tells when a password alone becomes enough", () => {
    const { connections } = compareAccess(
      document(identity("gw", {})),
      document(identity("gw", {}, { certificate: "password-only" })),
    );
    expect(connections).toEqual([{ identity: "gw", says: "its password alone is enough" }]);
  });
});

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: unknown;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<"review" | "post", Job>>;
}

const TEXT = readFileSync(join(__dirname, "../../.github/workflows/review.yml"), "utf8");
// jest brings a reader of YAML with it.
const { load } = createRequire(__filename)("js-yaml") as { readonly load: (text: string) => unknown };
const { jobs, ...workflow } = load(TEXT) as Workflow;
const steps = Object.values(jobs).flatMap((job) => job.steps);

describe("the workflow that reviews pull requests", () => {
  test("runs on pull requests with the rights of the proposal, never of the base", () => {
    expect(Object.keys(workflow.on as object)).toEqual(["pull_request"]);
    expect(workflow.permissions).toEqual({});
    expect(TEXT).not.toContain("secrets.");
  });

  test("lets the job that runs the proposal read, and the one that may comment run nothing of it", () => {
    expect(jobs.review.permissions).toEqual({ contents: "read" });
    expect(jobs.post.permissions).toEqual({ "pull-requests": "write" });
    expect(
      jobs.post.steps.map(({ uses, run }) => uses?.split("@")[0] ?? run?.split(" ").slice(0, 3).join(" ")),
    ).toEqual(["actions/download-artifact", "gh pr comment"]);
    expect(jobs.review.steps.find(({ uses }) => uses?.startsWith("actions/checkout"))?.with).toMatchObject({
      "persist-credentials": false,
    });
  });

  test("names every action by its commit, which nobody can move", () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });

  test("hands nothing that a proposal chooses to a shell but as a variable", () => {
    expect(steps.flatMap(({ run }) => run ?? []).filter((command) => command.includes("${{"))).toEqual([]);
  });

  test("comments only where it may, and fails in the review itself, so that a fork's fails without a comment", () => {
    expect(jobs.post.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
    expect(jobs.review.if).toBeUndefined();
    expect(TEXT).not.toContain("continue-on-error");
  });

  test.each([
    [0, "## Proven", "## Proven"],
    [1, "## Violated", "## Violated"],
    [2, "## Unproven", "## Unproven"],
    [3, "", "## The review itself failed"],
  ])("ends its review step with the review's answer %i, and always has something to show", (code, text, shown) => {
    const folder = mkdtempSync(join(tmpdir(), "dmz-workflow-"));
    try {
      // Stands in for npx: takes what the step says, writes what a review would.
      const stub = `#!/bin/sh\n[ "$*" = "dmz review --base abc --out review.md" ] || exit 9\nprintf '%s' '${text}' > review.md\necho why >&2\nexit ${code}\n`;
      writeFileSync(join(folder, "npx"), stub, { mode: 0o755 });
      const summary = join(folder, "summary.md");
      const command = jobs.review.steps.find(({ name }) => name === "Review")!.run!;
      // As GitHub's runner calls it where no shell is named.
      const { status } = spawnSync("bash", ["-e", "-c", command], {
        cwd: folder,
        env: { PATH: `${folder}:${process.env.PATH}`, BASE: "abc", GITHUB_STEP_SUMMARY: summary },
      });
      expect(status).toBe(code);
      expect(readFileSync(summary, "utf8")).toContain(shown);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

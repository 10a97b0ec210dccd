import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const KIT = join(__dirname, "..", "..");
const LEFT_OUT = new Set(["node_modules", ".git", ".dmz", "cdktf.out", "dist"]);

/** A copy of this kit as a git repository with one commit, and this kit's dependencies. */
export class KitRepository {
  readonly folder = mkdtempSync(join(tmpdir(), "dmz-review-test-"));

  constructor() {
    try {
      execFileSync("git", ["--version"]);
    } catch {
      throw new Error("'git' is not installed; on Debian and Ubuntu: apt-get install git");
    }
    cpSync(KIT, this.folder, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
    symlinkSync(join(KIT, "node_modules"), join(this.folder, "node_modules"), "dir");
    this.#git("init", "--quiet", "--initial-branch=main");
    // It is a link here, and .gitignore speaks of a folder.
    appendFileSync(join(this.folder, ".git", "info", "exclude"), "/node_modules\n");
    this.commit("base");
  }

  /** Changes a file by replacing a text in it that must be there. */
  edit(file: string, from: string, to: string): this {
    const path = join(this.folder, file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file} does not hold '${from}'`);
    writeFileSync(path, text.replace(from, to));
    return this;
  }

  write(file: string, json: object): this {
    writeFileSync(join(this.folder, file), JSON.stringify(json));
    return this;
  }

  commit(message: string): void {
    this.#git("add", "--all");
    this.#git("-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", message);
  }

  /** Back to the base, whatever a test left. */
  reset(): void {
    this.#git("checkout", "--quiet", "--force", "main");
    this.#git("reset", "--quiet", "--hard", this.#git("rev-list", "--max-parents=0", "HEAD").trim());
    this.#git("clean", "--quiet", "--force", "-d");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #git(...args: readonly string[]): string {
    return execFileSync("git", args, { cwd: this.folder, encoding: "utf8" });
  }
}

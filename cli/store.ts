import { createRequire } from "node:module";
import type { Command } from "commander";

// The TypeScript loader hooks require, not import().
const load = createRequire(__filename);

const FOLDER = "a store's folder, one of its epochs, or a checkpoint";

/** `dmz store`: copies of the message store, and what is in them. Each command's code is loaded when it runs. */
export function registerStore(program: Command): void {
  const store = program.command("store").description("copy, check, export and import the broker's message store");

  store
    .command("checkpoint")
    .description("copy a store, in use or not, as it is at one moment: hard links and a few small files")
    .argument("<folder>", FOLDER)
    .argument("<target>", "where the checkpoint goes, on the same file system; must not exist yet")
    .option("--json", "one JSON object a line on standard output: checkpoint, error")
    .action((folder, target, options) =>
      (load("./store/checkpoint") as typeof import("./store/checkpoint.js")).storeCheckpoint(folder, target, options),
    );

  store
    .command("verify")
    .description("read everything in a store, and say what it holds and what is wrong with it; changes nothing")
    .argument("<folder>", FOLDER)
    .option("--json", "one JSON object a line on standard output: verified, error")
    .action((folder, options) =>
      (load("./store/verify") as typeof import("./store/verify.js")).storeVerify(folder, options),
    );

  store
    .command("export")
    .description("write everything in a store as lines of JSON (docs/store.md); changes nothing")
    .argument("<folder>", FOLDER)
    .argument("[file]", "file to write, with mode 0600; must not exist yet (default: standard output)")
    .option("--salvage", "leave out what is damaged, and say so: what is left out is lost")
    .action((folder, file, options) =>
      (load("./store/export") as typeof import("./store/export.js")).storeExport(folder, file, options),
    );

  store
    .command("import")
    .description("make a store of an export")
    .argument("<folder>", "folder of the new store; must be empty or not exist")
    .argument("[file]", "export to read (default: standard input)")
    .option("--json", "one JSON object a line on standard output: imported, error")
    .action((folder, file, options) =>
      (load("./store/import") as typeof import("./store/import.js")).storeImport(folder, file, options),
    );

  store
    .command("restore-task")
    .description("print a task definition that puts a checkpoint in place in a site on AWS (docs/failover.md)")
    .argument(
      "<definition>",
      "file with what 'aws ecs describe-task-definition --task-definition <site>-broker' prints",
    )
    .argument("<checkpoint>", "name of a checkpoint, as in the log line 'store-checkpoint'")
    .option("--file-system <id>", "file system that AWS Backup made of a recovery point (default: the store's own)")
    .action((definition, checkpoint, options) =>
      (load("./store/restore-task") as typeof import("./store/restore-task.js")).storeRestoreTask(
        definition,
        checkpoint,
        options,
      ),
    );
}

import { readFile } from "node:fs/promises";
import { CONTAINER_USER } from "../../policy/deployment";
import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";
import { restoreProgram } from "./restore-program";

export interface StoreRestoreTaskOptions {
  /** Of a file system that AWS Backup made of a recovery point. @default the checkpoint is in the store itself */
  readonly fileSystem?: string;
}

/** What of ECS's answer a registration takes again; the rest is ECS's own. */
const KEPT = [
  "taskRoleArn",
  "executionRoleArn",
  "networkMode",
  "requiresCompatibilities",
  "runtimePlatform",
  "cpu",
  "memory",
];
const CHECKPOINT = /^checkpoint-\d{8}T\d{6}Z$/;
const FILE_SYSTEM = /^fs-[0-9a-f]+$/;
/** Where the restored file system is mounted, and its volume's name. */
const RESTORED = { path: "/restored", volume: "restored" };

type Json = Readonly<Record<string, unknown>>;
interface Definition extends Json {
  readonly family: string;
  readonly volumes: readonly Json[];
  readonly containerDefinitions: readonly (Json & {
    readonly mountPoints: readonly { readonly containerPath: string }[];
  })[];
}

/**
 * `dmz store restore-task <definition> <checkpoint>`: of the broker's task definition one that puts a checkpoint in place.
 * Only the broker's own task may mount the store, and it has no shell: so this is the same task (image, role, access
 * point, network) with another program. Writes to standard output what `aws ecs register-task-definition` takes.
 */
export async function storeRestoreTask(
  file: string,
  checkpoint: string,
  { fileSystem }: StoreRestoreTaskOptions,
): Promise<void> {
  requireForm("<checkpoint>", checkpoint, CHECKPOINT, "checkpoint-20260101T000000Z");
  if (fileSystem !== undefined) requireForm("--file-system", fileSystem, FILE_SYSTEM, "fs-0123456789abcdef0");
  const broker = await readDefinition(file);
  const [container] = broker.containerDefinitions;
  const store = container!.mountPoints[0]!.containerPath;
  const extra = { sourceVolume: RESTORED.volume, containerPath: RESTORED.path, readOnly: true };
  const task = {
    ...Object.fromEntries(KEPT.map((name) => [name, broker[name]])),
    family: broker.family.replace(/-broker$/, "-restore"),
    volumes: [
      ...broker.volumes,
      ...(fileSystem === undefined
        ? []
        : [
            {
              name: RESTORED.volume,
              efsVolumeConfiguration: { fileSystemId: fileSystem, transitEncryption: "ENABLED" },
            },
          ]),
    ],
    containerDefinitions: [
      {
        ...container!,
        user: `${CONTAINER_USER.uid}:${CONTAINER_USER.gid}`,
        entryPoint: ["/usr/bin/node"],
        command: ["-e", restoreProgram, store, fileSystem === undefined ? store : RESTORED.path, checkpoint],
        portMappings: [],
        mountPoints: [...container!.mountPoints, ...(fileSystem === undefined ? [] : [extra])],
        // The mount point of a second file system is not in the image.
        readonlyRootFilesystem: fileSystem === undefined,
      },
    ],
  };
  process.stdout.write(`${JSON.stringify(task, undefined, 2)}\n`);
}

function requireForm(what: string, value: string, form: RegExp, example: string): void {
  if (!form.test(value))
    throw new CommandError(`${what}: must look like '${example}', got '${value}'`, "name one", EXIT.usage);
}

async function readDefinition(file: string): Promise<Definition> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new CommandError(`${file}: there is no such file`, HOW, EXIT.usage);
    throw error;
  });
  try {
    const { taskDefinition } = JSON.parse(text) as { taskDefinition?: Definition };
    if (taskDefinition?.family.endsWith("-broker") && taskDefinition.containerDefinitions[0]!.mountPoints[0]) {
      return taskDefinition;
    }
  } catch {
    // Said below.
  }
  throw new CommandError(`${file}: is not the definition of a broker's task`, HOW, EXIT.usage);
}

const HOW = "save what 'aws ecs describe-task-definition --task-definition <site>-broker' prints";

import { jsonBody } from "../aws-request";
import { jsonAnswer, jsonError, type StandIn } from "./stand-in";

/** EFS's PutBackupPolicy and DescribeBackupPolicy, and that a file system's policy goes with it. */
export function backupPolicy(): StandIn {
  const policies = new Map<string, unknown>();
  return {
    name: "EFS backup policy",
    why: "the emulator knows it only as an argument of CreateFileSystem",
    answer: async (request) => {
      if (request.service !== "elasticfilesystem") return undefined;
      const [, fileSystem, rest] = /^\/2015-02-01\/file-systems\/([^/?]+)(\/[a-z-]+)?/.exec(request.url) ?? [];
      if (fileSystem === undefined) return undefined;
      // The file system itself is the emulator's.
      if (rest === undefined && request.method === "DELETE") policies.delete(fileSystem);
      if (rest !== "/backup-policy") return undefined;
      if (request.method === "PUT") policies.set(fileSystem, jsonBody(request).BackupPolicy);
      const policy = policies.get(fileSystem);
      // Each of ours has one from its creation to its deletion.
      if (!policy) return jsonError("FileSystemNotFound", `File system '${fileSystem}' does not exist.`, 404);
      return jsonAnswer({ BackupPolicy: policy });
    },
    remaining: () => policies.size,
  };
}

import { jsonBody } from "../aws-request";
import { jsonAnswer, jsonError, type StandIn } from "./stand-in";

/** EFS's PutFileSystemPolicy, DescribeFileSystemPolicy and DeleteFileSystemPolicy. */
export function fileSystemPolicy(): StandIn {
  const policies = new Map<string, string>();
  return {
    name: "EFS file system policy",
    why: "the emulator cannot delete one",
    answer: async (request) => {
      const fileSystem = /^\/2015-02-01\/file-systems\/([^/?]+)\/policy$/.exec(request.url)?.[1];
      if (request.service !== "elasticfilesystem" || fileSystem === undefined) return undefined;
      if (request.method === "PUT") policies.set(fileSystem, String(jsonBody(request).Policy));
      const policy = policies.get(fileSystem);
      if (policy === undefined) return jsonError("PolicyNotFound", `${fileSystem} has no policy`, 404);
      if (request.method === "DELETE") policies.delete(fileSystem);
      return jsonAnswer({ FileSystemId: fileSystem, Policy: policy });
    },
    remaining: () => policies.size,
  };
}

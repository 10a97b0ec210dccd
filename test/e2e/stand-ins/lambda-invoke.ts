import { jsonBody, type AwsRequest } from "../aws-request";
import type { DeployedFunction, Invocation, LambdaRunner } from "../lambda-runner";
import { CA_FUNCTIONS, type Principal } from "../principals";
import { jsonAnswer, jsonError, type StandIn } from "./stand-in";

/** Lambda's Invoke, and what Secrets Manager needs of it. */
export interface LambdaInvoke extends StandIn {
  /** @param name function name or ARN. @throws when it was never deployed. */
  readonly invoke: (name: string, region: string, event: string) => Promise<Invocation>;
  /** Everything that functions wrote to their logs so far. */
  readonly log: () => string;
}

/** Keeps the code and settings of each function as they pass on their way to the emulator, and runs them on Invoke. */
export function lambdaInvoke(runner: LambdaRunner): LambdaInvoke {
  const deployed = new Map<string, DeployedFunction>();
  let log = "";

  const nameIn = (request: AwsRequest): string =>
    decodeURIComponent(/^\/2015-03-31\/functions\/([^/?]+)/.exec(request.url)?.[1] ?? "").replace(/^.*:function:/, "");
  const settings = (body: Record<string, unknown>): Partial<DeployedFunction> => ({
    ...(typeof body.Runtime === "string" ? { runtime: body.Runtime } : {}),
    ...(typeof body.Handler === "string" ? { handler: body.Handler } : {}),
    ...(typeof body.Timeout === "number" ? { timeout: body.Timeout } : {}),
    ...(body.Environment
      ? { environment: (body.Environment as { Variables?: Record<string, string> }).Variables ?? {} }
      : {}),
  });
  const zip = (text: unknown): { code: Buffer } | object =>
    typeof text === "string" ? { code: Buffer.from(text, "base64") } : {};

  const invoke = async (id: string, region: string, event: string): Promise<Invocation> => {
    const name = id.replace(/^.*:function:/, "").replace(/:.*$/, "");
    const found = deployed.get(name);
    if (!found) throw new Error(`no function '${name}' was deployed; deployed: ${[...deployed.keys()].join(", ")}`);
    const principal = CA_FUNCTIONS.find((word) => name.endsWith(`-${word}`)) as Principal | undefined;
    if (!principal) throw new Error(`function '${name}' is none of ${CA_FUNCTIONS.join(", ")}: give it a principal`);
    const outcome = await runner.invoke(found, principal, region, event);
    log += outcome.log + (outcome.failed ? `\n${name} failed: ${outcome.payload}\n` : "");
    return outcome;
  };

  return {
    name: "Lambda Invoke",
    why: "the emulator runs functions in Docker only; here the uploaded zip runs in a child process",
    answer: async (request) => {
      if (request.service !== "lambda") return undefined;
      if (request.action === "CreateFunction") {
        const body = jsonBody(request);
        const name = String(body.FunctionName);
        const empty = { name, runtime: "", handler: "", timeout: 3, environment: {}, code: Buffer.alloc(0) };
        const code = zip((body.Code as { ZipFile?: unknown } | undefined)?.ZipFile);
        deployed.set(name, { ...empty, ...settings(body), ...code });
      }
      const name = nameIn(request);
      const known = deployed.get(name);
      if (request.action === "UpdateFunctionCode" && known)
        deployed.set(name, { ...known, ...zip(jsonBody(request).ZipFile) });
      if (request.action === "UpdateFunctionConfiguration" && known)
        deployed.set(name, { ...known, ...settings(jsonBody(request)) });
      if (request.action === "DeleteFunction") deployed.delete(name);
      if (request.action !== "Invoke") return undefined;
      if (!known) return jsonError("ResourceNotFoundException", `Function not found: ${name}`, 404);
      const outcome = await invoke(name, request.region, request.body.toString("utf8") || "{}");
      const answer = jsonAnswer(null);
      const failed = outcome.failed ? { "x-amz-function-error": "Unhandled" } : undefined;
      return { ...answer, headers: { ...answer.headers, ...failed }, body: outcome.payload };
    },
    invoke,
    log: () => log,
    remaining: () => deployed.size,
  };
}

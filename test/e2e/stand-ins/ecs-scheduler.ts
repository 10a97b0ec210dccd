import type { AwsRequest } from "../aws-request";
import { jsonError, type Answer, type StandIn } from "./stand-in";

/** What runs the tasks of a service when it is created, and ends them when it is deleted. */
export interface TaskLauncher {
  /** Resolves when the load balancer reports the desired number of tasks as healthy. */
  readonly start: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

interface Deployment {
  runningCount: number;
  pendingCount: number;
  rolloutState: string;
}
interface Service {
  status: string;
  desiredCount: number;
  runningCount: number;
  pendingCount: number;
  deployments: Deployment[];
}

/**
 * ECS's service scheduler: when the service is created, its tasks are really started from the stored definition, and
 * what the service says of itself follows them, so that an apply that waits for a steady state waits for real brokers.
 */
export function ecsScheduler(launcher: TaskLauncher, forward: (request: AwsRequest) => Promise<Answer>): StandIn {
  let running = 0;
  let fault: Error | undefined;
  return {
    name: "ECS service scheduler",
    why: "the emulator stores services and starts no task",
    answer: async (request) => {
      if (request.service !== "ecs") return undefined;
      if (request.action === "CreateService") {
        const answer = await forward(request);
        if (answer.status === 200) {
          void launcher.start().then(
            (count) => (running = count),
            (error: unknown) => (fault = error instanceof Error ? error : new Error(String(error))),
          );
        }
        return answer;
      }
      if (request.action === "DeleteService") {
        running = 0;
        await launcher.stop();
        return undefined;
      }
      if (request.action !== "DescribeServices") return undefined;
      if (fault) return jsonError("ClientException", `the tasks did not start: ${fault.message}`);
      const answer = await forward(request);
      if (answer.status !== 200) return answer;
      const body = JSON.parse(answer.body) as { services: Service[] };
      for (const service of body.services) {
        if (service.status !== "ACTIVE") continue;
        service.runningCount = Math.min(running, service.desiredCount);
        service.pendingCount = service.desiredCount - service.runningCount;
        for (const deployment of service.deployments) {
          deployment.runningCount = service.runningCount;
          deployment.pendingCount = service.pendingCount;
          deployment.rolloutState = service.pendingCount === 0 ? "COMPLETED" : "IN_PROGRESS";
        }
      }
      return { ...answer, body: JSON.stringify(body) };
    },
    remaining: () => running,
  };
}

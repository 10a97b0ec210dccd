import type { Facts } from "../facts/facts";
import type { Step } from "../verdict";

/** Alarms that go off without telling anybody: no promise forbids it, and whoever relies on them should know. */
export const silentAlarms = ({ resources }: Facts): readonly Step[] => {
  const [first, ...more] = resources.filter(({ type, mode, values }) => {
    const actions = values["alarm_actions"];
    const none = actions === undefined || actions === null || (Array.isArray(actions) && actions.length === 0);
    return (
      mode === "managed" && type === "aws_cloudwatch_metric_alarm" && (none || values["actions_enabled"] === false)
    );
  });
  if (!first) return [];
  const others = more.length === 0 ? "" : `, and so do ${more.length} more`;
  return [{ at: first.address, says: `tells nobody when it goes off${others}: declare the site's 'alarms'` }];
};

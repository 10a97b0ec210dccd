import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Annotations } from "cdktf";
import { Construct } from "constructs";
import type { Site } from "../policy/site";
import { alarmTopicName, NOBODY_IS_TOLD } from "../policy/site-alarms";
import { alarmArns, alarmTopicArn } from "./alarm-arns";
import type { EncryptionKeys } from "./encryption-keys";
import { policyDocument } from "./policy-document";

export interface AlarmReceiversProps {
  readonly site: Site;
  readonly keys: EncryptionKeys;
}

/**
 * Who is told when an alarm of the site goes off, and when it is over (docs/decisions/0027).
 *
 * For e-mail addresses: a topic that CloudWatch alone may publish to, for alarms of this site, encrypted under the site's
 * data key, and a subscription an address. SNS first asks each address; until somebody there agrees it is told nothing. A
 * topic that is there already is named to the alarms as it is. Without either, synthesis warns. Opens nothing. Costs 2 USD
 * per 100,000 e-mails, the first thousand of a month being free.
 *
 *     const receivers = new AlarmReceivers(this, "alarm-receivers", { site, keys });
 *     new StoreAlarms(this, "store-alarms", { site, receivers, ... });
 */
export class AlarmReceivers extends Construct {
  /** Of the site's own, if it writes to e-mail addresses. */
  readonly topic?: SnsTopic;
  /** What every alarm names as its action. */
  readonly topics: readonly string[];

  constructor(scope: Construct, id: string, { site, keys }: AlarmReceiversProps) {
    super(scope, id);
    const { email, topic } = site.alarms ?? {};
    if (email) this.topic = this.mail(site, keys, email);
    this.topics = [this.topic?.arn, topic].filter((arn) => arn !== undefined);
    if (this.topics.length === 0) Annotations.of(this).addWarning(`site '${site.name}': ${NOBODY_IS_TOLD}`);
  }

  private mail(site: Site, keys: EncryptionKeys, addresses: readonly string[]): SnsTopic {
    const topic = new SnsTopic(this, "topic", {
      name: alarmTopicName(site.name),
      displayName: `Alarms of ${site.name}`,
      kmsMasterKeyId: keys.data.arn,
      policy: policyDocument({
        Sid: "AlarmsOfThisSite",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: alarmTopicArn(site),
        Condition: {
          // Against the confused deputy: CloudWatch publishes for alarms of this account and site only.
          StringEquals: { "aws:SourceAccount": site.aws.account },
          ArnLike: { "aws:SourceArn": alarmArns(site) },
        },
      }),
    });
    for (const endpoint of addresses)
      new SnsTopicSubscription(this, endpoint, { topicArn: topic.arn, protocol: "email", endpoint });
    return topic;
  }
}

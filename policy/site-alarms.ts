/** Who is told when an alarm of the site goes off, and when it is over. At least one of both. */
export interface SiteAlarms {
  /** Addresses that a topic of the site's own writes to; each is asked once whether it agrees. Up to ten. @default none */
  readonly email?: readonly string[];
  /**
   * ARN of an SNS topic that is there already, in the site's region: for whoever has an on-call tool. Its policy, and the
   * key that encrypts it if one does, must admit CloudWatch. @default none
   */
  readonly topic?: string;
}

/** Name of the topic that the kit makes for e-mail. */
export const alarmTopicName = (site: string): string => `${site}-alarms`;

/** Why a site without receivers is worth a word at every synthesis. */
export const NOBODY_IS_TOLD =
  'nobody is told when an alarm goes off; write alarms: { email: ["plant-operations@example.com"] } in the site\'s file';

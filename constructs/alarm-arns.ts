import type { Site } from "../policy/site";
import { alarmTopicName } from "../policy/site-alarms";

/** The site's own topic: by its name, since the key that encrypts it is made before it. */
export const alarmTopicArn = ({ name, aws }: Site): string =>
  `arn:aws:sns:${aws.region}:${aws.account}:${alarmTopicName(name)}`;

/** Every alarm of the site, for `ArnLike`. (And those of a site whose name goes on with a hyphen: they are of one account.) */
export const alarmArns = ({ name, aws }: Site): string =>
  `arn:aws:cloudwatch:${aws.region}:${aws.account}:alarm:${name}-*`;

import { edgePublisherRole } from "../policy/edge-images";
import type { Site } from "../policy/site";
import { keyAdministration } from "./key-administration";
import { policyDocument } from "./policy-document";

/** What writes an encrypted snapshot needs ("Control access to EBS direct APIs using IAM", KMS). */
const WRITE = ["kms:DescribeKey", "kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:GenerateDataKey"] as const;
/** What starts an instance from one needs ("Allow organizations and OUs to use a KMS key"). */
const START = ["kms:DescribeKey", "kms:Decrypt", "kms:ReEncryptFrom", "kms:GenerateDataKeyWithoutPlaintext"] as const;

const GRANT = { Bool: { "kms:GrantIsForAWSResource": "true" } } as const;

/**
 * Who may publish, and nothing else: begin a snapshot that carries the site's tags, and write to such a one. It reads no
 * snapshot, deletes none, registers no AMI and starts no instance.
 */
export const publisherPolicy = (site: Site, keyArn: string): string => {
  const snapshots = `arn:aws:ec2:${site.aws.region}::snapshot/*`;
  const tags = (of: "RequestTag" | "ResourceTag") => ({
    [`aws:${of}/project`]: "mqtt-dmz",
    [`aws:${of}/site`]: site.name,
  });
  return policyDocument(
    {
      Sid: "BeginsSnapshotsOfThisSite",
      Effect: "Allow",
      Action: "ebs:StartSnapshot",
      Resource: snapshots,
      Condition: { StringEquals: tags("RequestTag") },
    },
    {
      Sid: "TagsThemAsTheyBegin",
      Effect: "Allow",
      // StartSnapshot with tags asks for it (Service Authorization Reference, Amazon EBS).
      Action: "ec2:CreateTags",
      Resource: snapshots,
      // Nobody makes another site's unfinished snapshot one of this site by tagging it anew.
      Condition: { StringEquals: tags("RequestTag"), StringEqualsIfExists: tags("ResourceTag") },
    },
    {
      Sid: "WritesSnapshotsOfThisSite",
      Effect: "Allow",
      Action: ["ebs:PutSnapshotBlock", "ebs:CompleteSnapshot"],
      Resource: snapshots,
      Condition: { StringEquals: tags("ResourceTag") },
    },
    { Sid: "EncryptsThem", Effect: "Allow", Action: [...WRITE], Resource: keyArn },
    { Sid: "LetsEbsEncryptThem", Effect: "Allow", Action: "kms:CreateGrant", Resource: keyArn, Condition: GRANT },
  );
};

/** The publisher encrypts; the site's own account and those it is shared with start instances, through EC2 alone. */
export const edgeImageKeyPolicy = (site: Site, shareWith: readonly string[]): string => {
  const { account, region } = site.aws;
  // Named through the account, which exists before its role does.
  const publisher = {
    AWS: `arn:aws:iam::${account}:root`,
  };
  const isPublisher = { "aws:PrincipalArn": `arn:aws:iam::${account}:role/${edgePublisherRole(site.name)}` };
  const starters = { AWS: [account, ...shareWith].map((each) => `arn:aws:iam::${each}:root`) };
  const through = { "kms:ViaService": `ec2.${region}.amazonaws.com` };
  return policyDocument(
    keyAdministration(account),
    {
      Sid: "PublisherEncrypts",
      Effect: "Allow",
      Principal: publisher,
      Action: [...WRITE],
      Resource: "*",
      Condition: { ArnEquals: isPublisher },
    },
    {
      Sid: "PublisherLetsEbsEncrypt",
      Effect: "Allow",
      Principal: publisher,
      Action: "kms:CreateGrant",
      Resource: "*",
      Condition: { ...GRANT, ArnEquals: isPublisher },
    },
    {
      Sid: "InstancesStart",
      Effect: "Allow",
      Principal: starters,
      Action: [...START],
      Resource: "*",
      Condition: { StringEquals: through },
    },
    {
      Sid: "InstancesKeepTheirDisks",
      Effect: "Allow",
      Principal: starters,
      Action: "kms:CreateGrant",
      Resource: "*",
      Condition: { ...GRANT, StringEquals: through },
    },
  );
};

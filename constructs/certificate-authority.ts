import { LambdaInvocation } from "@cdktf/provider-aws/lib/lambda-invocation";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { SecretsmanagerSecretRotation } from "@cdktf/provider-aws/lib/secretsmanager-secret-rotation";
import type { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Site } from "../policy/site";
import type { AccessDocument } from "./access-document";
import { CaFunction } from "./ca-function";
import { caPermissions } from "./ca-permissions";
import type { Credentials } from "./credentials";
import type { EncryptionKeys } from "./encryption-keys";
import { FunctionBundle } from "./function-bundle";
import type { ServiceRoles } from "./service-roles";

export interface CertificateAuthorityProps {
  readonly site: Site;
  readonly roles: ServiceRoles;
  readonly keys: EncryptionKeys;
  readonly table: DynamodbTable;
  readonly credentials: Credentials;
  readonly accessDocument: AccessDocument;
  /** What the server certificate names besides the site's host: the load balancer's DNS name and addresses. */
  readonly serverNames: { readonly dns: readonly string[]; readonly ip: readonly string[] };
}

/**
 * The site's certificate authority: four functions, each with a role of its own, and what invokes them.
 *
 * - *initialise* runs in every apply that changes the server's names or the number of shards: creates CA, first server
 *   certificate and empty credential shards where they are missing, before the broker starts.
 * - *activate* runs in every apply that changes the access document: verifies it and makes it the one in force.
 * - *rotate* is called by Secrets Manager every 7 days and renews the server certificate when a third of its life is left.
 * - *enrol* is called by operators: issues certificates and passwords.
 *
 * Opens nothing to the network. Costs cents a month.
 *
 *     const ca = new CertificateAuthority(this, "certificate-authority", { site, roles, keys, ... });
 *     new BrokerService(this, "broker", { ..., after: ca.ready });
 */
export class CertificateAuthority extends Construct {
  readonly initialise: CaFunction;
  readonly rotate: CaFunction;
  readonly enrol: CaFunction;
  readonly activate: CaFunction;
  /** Credentials and access document are in force: the broker may start. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: CertificateAuthorityProps) {
    super(scope, id);
    const { site, roles, keys, table, credentials, accessDocument, serverNames } = props;
    const code = new FunctionBundle(this, "code");
    const may = caPermissions(site, table.arn);
    const shared = { site, code, keys };

    this.initialise = new CaFunction(this, "initialise", {
      ...shared,
      name: "initialise",
      description: "Creates the site's CA and first server certificate where they are missing",
      role: roles.initialise,
      may: may.initialise,
    });
    this.rotate = new CaFunction(this, "rotate", {
      ...shared,
      name: "rotate",
      description: "Renews the server certificate; called by Secrets Manager",
      role: roles.rotate,
      may: may.rotate,
    });
    this.enrol = new CaFunction(this, "enrol", {
      ...shared,
      name: "enrol",
      description: "Issues certificates and passwords to declared identities; called by operators",
      role: roles.enrol,
      may: may.enrol,
    });
    this.activate = new CaFunction(this, "activate", {
      ...shared,
      name: "activate",
      description: "Verifies the access document and puts it in force",
      role: roles.activate,
      may: may.activate,
    });

    const initialised = new LambdaInvocation(this, "initialised", {
      functionName: this.initialise.lambda.functionName,
      input: JSON.stringify({
        dns: [site.host, ...serverNames.dns],
        ip: serverNames.ip,
        credentialShards: credentials.shards.length,
      }),
      dependsOn: [
        ...this.initialise.ready,
        table,
        credentials.certificateAuthority,
        credentials.serverCertificate,
        ...credentials.shards,
      ],
    });
    const activated = new LambdaInvocation(this, "activated", {
      functionName: this.activate.lambda.functionName,
      input: JSON.stringify({ shards: accessDocument.written, sha256: accessDocument.sha256 }),
      dependsOn: [...this.activate.ready, table],
    });
    this.ready = [initialised, activated];

    const callable = new LambdaPermission(this, "rotate-permission", {
      statementId: "SecretsManagerRotatesTheServerCertificate",
      functionName: this.rotate.lambda.functionName,
      action: "lambda:InvokeFunction",
      principal: "secretsmanager.amazonaws.com",
      sourceAccount: site.aws.account,
      sourceArn: credentials.serverCertificate.arn,
    });
    new SecretsmanagerSecretRotation(this, "rotation", {
      secretId: credentials.serverCertificate.id,
      rotationLambdaArn: this.rotate.lambda.arn,
      // A certificate lasts 90 days and is renewed in its last 30; asked weekly, three attempts may fail before it ends.
      rotationRules: { automaticallyAfterDays: 7 },
      // Initialise has just written one.
      rotateImmediately: false,
      dependsOn: [callable, initialised, ...this.rotate.ready],
    });
  }
}

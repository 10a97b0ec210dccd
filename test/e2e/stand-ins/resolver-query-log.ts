import { randomBytes } from "node:crypto";
import { jsonBody } from "../aws-request";
import { jsonAnswer, jsonError, type Answer, type StandIn } from "./stand-in";

type Body = Readonly<Record<string, unknown>>;
type Tag = { readonly Key: string; readonly Value: string };

const missing = (id: unknown): Answer => jsonError("ResourceNotFoundException", `Cannot find '${String(id)}'`);
const newId = (prefix: string): string => `${prefix}-${randomBytes(8).toString("hex")}`;

/** Route 53 Resolver's query logging: configurations, their associations with a VPC, and tags (API reference, *QueryLog*). */
export function resolverQueryLog(account: string): StandIn {
  const configurations = new Map<string, { readonly fields: Body; tags: readonly Tag[] }>();
  const associations = new Map<string, Body>();

  const actions: Record<string, (input: Body, region: string) => Answer | undefined> = {
    CreateResolverQueryLogConfig: (input, region) => {
      const id = newId("rslvr-qlc");
      const fields = {
        Id: id,
        Arn: `arn:aws:route53resolver:${region}:${account}:resolver-query-log-config/${id}`,
        OwnerId: account,
        Status: "CREATED",
        ShareStatus: "NOT_SHARED",
        AssociationCount: 0,
        Name: input.Name,
        DestinationArn: input.DestinationArn,
        CreatorRequestId: input.CreatorRequestId,
        CreationTime: new Date().toISOString(),
      };
      configurations.set(id, { fields, tags: (input.Tags as Tag[] | undefined) ?? [] });
      return jsonAnswer({ ResolverQueryLogConfig: fields });
    },
    GetResolverQueryLogConfig: ({ ResolverQueryLogConfigId: id }) => {
      const found = configurations.get(String(id));
      return found ? jsonAnswer({ ResolverQueryLogConfig: found.fields }) : missing(id);
    },
    DeleteResolverQueryLogConfig: ({ ResolverQueryLogConfigId: id }) => {
      if ([...associations.values()].some((association) => association.ResolverQueryLogConfigId === id))
        return jsonError("InvalidRequestException", `'${String(id)}' is associated with a VPC`);
      const found = configurations.get(String(id));
      configurations.delete(String(id));
      return found ? jsonAnswer({ ResolverQueryLogConfig: { ...found.fields, Status: "DELETING" } }) : missing(id);
    },
    AssociateResolverQueryLogConfig: ({ ResolverQueryLogConfigId, ResourceId }) => {
      if (!configurations.has(String(ResolverQueryLogConfigId))) return missing(ResolverQueryLogConfigId);
      const Id = newId("rslvr-qlcassoc");
      const CreationTime = new Date().toISOString();
      const association = {
        Id,
        ResolverQueryLogConfigId,
        ResourceId,
        Status: "ACTIVE",
        Error: "NONE",
        ErrorMessage: "",
        CreationTime,
      };
      associations.set(Id, association);
      return jsonAnswer({ ResolverQueryLogConfigAssociation: association });
    },
    GetResolverQueryLogConfigAssociation: ({ ResolverQueryLogConfigAssociationId: id }) => {
      const found = associations.get(String(id));
      return found ? jsonAnswer({ ResolverQueryLogConfigAssociation: found }) : missing(id);
    },
    DisassociateResolverQueryLogConfig: ({ ResolverQueryLogConfigId, ResourceId }) => {
      const found = [...associations.values()].find(
        (association) =>
          association.ResolverQueryLogConfigId === ResolverQueryLogConfigId && association.ResourceId === ResourceId,
      );
      if (!found) return missing(ResourceId);
      associations.delete(String(found.Id));
      return jsonAnswer({ ResolverQueryLogConfigAssociation: { ...found, Status: "DELETING" } });
    },
    ListTagsForResource: ({ ResourceArn }) => onTags(ResourceArn, ({ tags }) => jsonAnswer({ Tags: tags })),
    TagResource: ({ ResourceArn, Tags }) =>
      onTags(ResourceArn, (found) => {
        const given = Tags as Tag[];
        found.tags = [...found.tags.filter(({ Key }) => !given.some((tag) => tag.Key === Key)), ...given];
        return jsonAnswer({});
      }),
    UntagResource: ({ ResourceArn, TagKeys }) =>
      onTags(ResourceArn, (found) => {
        found.tags = found.tags.filter(({ Key }) => !(TagKeys as string[]).includes(Key));
        return jsonAnswer({});
      }),
  };
  const onTags = (arn: unknown, act: (found: { tags: readonly Tag[] }) => Answer): Answer | undefined => {
    const found = configurations.get(String(arn).split("/").at(-1)!);
    return found && act(found);
  };

  return {
    name: "Route 53 Resolver query log",
    why: "the emulator creates it, but knows neither its tags nor its deletion",
    answer: async (request) =>
      request.service === "route53resolver" ? actions[request.action]?.(jsonBody(request), request.region) : undefined,
    remaining: () => configurations.size + associations.size,
  };
}

import { AnnotationMetadataEntryType, type App } from "cdktf";

/** What constructs warn of, each once. The cdktf command-line tool shows these by itself; `main.ts` does where it runs alone. */
export const synthesisWarnings = (app: App): readonly string[] => [
  ...new Set(
    app.node
      .findAll()
      .flatMap(({ node }) => node.metadata)
      .filter(({ type }) => type === AnnotationMetadataEntryType.WARN)
      .map(({ data }) => String(data)),
  ),
];

import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** The arrows of the architecture: who may import whom (docs/decisions/0001). */
const forbid = (group, why) => ({ group, message: why });
const cloud = ["cdktf", "cdktf/*", "@cdktf/*", "constructs", "**/constructs/*", "**/stacks/*"];

const layer = (files, ...patterns) => ({
  files,
  rules: { "no-restricted-imports": ["error", { paths: [barrel], patterns }] },
});
const barrel = { name: "@cdktf/provider-aws", message: "Import @cdktf/provider-aws/lib/<resource>: the barrel takes 12 s and 750 MB." };

export default tseslint.config(
  { ignores: ["dist/", "cdktf.out/", "node_modules/", "coverage/"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  { rules: { "@typescript-eslint/no-non-null-assertion": "off", "no-restricted-imports": ["error", { paths: [barrel] }] } },
  layer(["policy/**"], forbid([...cloud, "node:*", "@aws-sdk/*", "**/broker/*", "**/ca/*", "**/cli/*"], "policy is pure: it imports nothing of ours, no cdktf, no AWS, no Node API")),
  layer(["broker/**", "ca/**", "vault/**", "edge-image/**"], forbid(cloud, "what runs never imports what deploys it")),
  layer(["proof/**"], forbid([...cloud, "**/cli/*"], "the proof looks at what was made, not at what makes it")),
  layer(["constructs/**"], forbid(["**/stacks/*", "**/proof/**", "**/broker/src/*", "**/cli/*"], "constructs import policy only")),
  layer(["stacks/**"], forbid(["**/broker/src/*", "**/ca/*", "**/vault/*", "**/cli/*"], "stacks import constructs, policy, and the proof that they are held to")),
  { files: ["**/*.js", "**/*.cjs"], rules: { "@typescript-eslint/no-require-imports": "off" }, languageOptions: { globals: { require: "readonly", module: "writable", process: "readonly", __dirname: "readonly", console: "readonly", setTimeout: "readonly" } } },
);

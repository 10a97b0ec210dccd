#!/usr/bin/env node
// The one plain JavaScript file: it checks what it runs on before anything newer is parsed, then hands over to main.ts.
"use strict";

const minimum = [20, 19];
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < minimum[0] || (major === minimum[0] && minor < minimum[1])) {
  process.stderr.write(
    `dmz: Node.js ${minimum.join(".")} or newer is needed, this is ${process.versions.node}; install it from https://nodejs.org and try again\n`,
  );
  process.exit(1);
}

try {
  require("tsx/cjs");
} catch (error) {
  if (error.code !== "MODULE_NOT_FOUND") throw error;
  process.stderr.write(
    "dmz: the dependencies are not installed; run 'npm ci' in the folder of package.json and try again\n",
  );
  process.exit(1);
}

// The pinned AWS SDK runs on Node 20; its notice about versions to come is for whoever updates it, not for users.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

require("./main.ts").main(process.argv);

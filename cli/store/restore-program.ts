/**
 * What the task of `dmz store restore-task` runs, in the broker's image, which has Node and nothing else: copies one
 * checkpoint into the store as `restore`, first under another name, and syncs it; one that lay there, with which no epoch
 * could begin, it sets aside. Its arguments: the store; the same again, or where a file system is mounted that AWS Backup
 * made; the checkpoint's name. AWS Backup puts what it restores into a folder of its own, under the path that it had in
 * the file system: `messages`, the access point's.
 */
export const restoreProgram = String.raw`
const fs = require("node:fs"), { join } = require("node:path");
const [store, root, name] = process.argv.slice(1);
const stores = root === store ? [store]
  : fs.readdirSync(root).filter((each) => each.startsWith("aws-backup-restore_")).map((each) => join(root, each, "messages"));
const there = stores.flatMap((each) => fs.readdirSync(join(each, "backup")).map((found) => join(each, "backup", found)));
const from = there.filter((each) => each.endsWith("/" + name));
const fail = (why) => { console.error(why + "; nothing was changed"); process.exit(1); };
if (from.length !== 1) fail(name + ": there are " + from.length + " of it among " + there.join(", "));
const [aside, target] = [join(store, "restore-incoming"), join(store, "restore")];
fs.rmSync(aside, { recursive: true, force: true });
fs.cpSync(from[0], aside, { recursive: true });
const sync = (path) => { const file = fs.openSync(path, "r"); fs.fsyncSync(file); fs.closeSync(file); };
for (const file of fs.readdirSync(aside)) sync(join(aside, file));
sync(aside);
if (fs.existsSync(target)) fs.renameSync(target, join(store, "set-aside-restore-" + Date.now()));
fs.renameSync(aside, target);
sync(store);
console.log(from[0] + " is in place as " + target + ": replace the broker's tasks");
`;

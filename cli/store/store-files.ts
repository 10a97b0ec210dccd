/**
 * What LevelDB writes (its `filename.cc`): tables, logs, manifests and the file that names the current one. Its lock and its
 * text log say nothing of a store: another database may have left them.
 */
const DATABASE_FILE = /^(CURRENT|MANIFEST-\d+|\d{6,}\.(log|ldb|sst))$/;

/** Is it a file of a database? */
export const isDatabaseFile = (name: string): boolean => DATABASE_FILE.test(name);

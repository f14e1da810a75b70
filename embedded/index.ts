/** What the package `embedded-convex` offers to programs. Its other entry is `testing.ts`. */
export { startBackend } from "./backend.ts";
export type { Backend, BackendOptions } from "./backend.ts";
export { BuildError } from "./bundler/buildError.ts";
export { formatConflicts } from "./engine/cloud/conflictReport.ts";
export type { ConflictReport } from "./engine/cloud/conflictReport.ts";
export { ListenError } from "./http/listen.ts";
export { createLog, silentLog } from "./log.ts";
export type { Log } from "./log.ts";
export { StorageError } from "./storage/types.ts";

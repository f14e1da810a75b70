/**
 * The backend's own tables. Their documents are like any other and are read and written through
 * `Transaction.system`; functions see only those that are `visible`, read-only, through `db.system`.
 *
 * Who keeps something in the database adds its table here, with a comment that says who writes, reads and
 * deletes it. An index that is added later is filled when the data file is next opened.
 */

export type SystemTable = {
  name: `_${string}`;
  /** In every component, or only in the app itself. */
  scope: "every" | "root";
  /** May functions read it through `db.system`? */
  visible: boolean;
  /**
   * The table number that is in its documents' ids, where apps store them: Convex's own (`DefaultTableNumber` of convex-backend), so that
   * they stay the same in an export. Tables of older data files keep theirs.
   */
  number?: number;
  indexes: { name: string; fields: string[] }[];
};

export const SYSTEM_TABLES: readonly SystemTable[] = [
  // Scheduled functions as their component sees them. Written by `scheduler/jobs.ts`.
  { name: "_scheduled_functions", scope: "every", visible: true, number: 27, indexes: [] },
  // The queue of all components' scheduled functions, a row for each of their documents. Written, read and deleted
  // by `scheduler/jobs.ts`.
  {
    name: "_scheduled_jobs",
    scope: "root",
    visible: false,
    indexes: [
      { name: "by_phase_time", fields: ["phase", "time"] },
      { name: "by_job", fields: ["component", "jobId"] },
    ],
  },
  // Stored files as their component sees them. Written by `files/syscalls.ts`.
  { name: "_storage", scope: "every", visible: true, number: 28, indexes: [] },
  // Which bytes belong to which stored file of which component. Written, read and deleted by `files/syscalls.ts`.
  {
    name: "_files",
    scope: "root",
    visible: false,
    indexes: [
      { name: "by_uuid", fields: ["uuid"] },
      { name: "by_storageId", fields: ["component", "storageId"] },
    ],
  },
  // Bytes whose file is gone. Written by `files/syscalls.ts`, read and deleted by `files/fileJanitor.ts`.
  { name: "_deleted_files", scope: "root", visible: false, indexes: [{ name: "by_uuid", fields: ["uuid"] }] },
  // Upload URLs that were made and not used. Written, read and deleted by `files/syscalls.ts`.
  {
    name: "_upload_tokens",
    scope: "root",
    visible: false,
    indexes: [
      { name: "by_token", fields: ["token"] },
      { name: "by_expiry", fields: ["expiresAt"] },
    ],
  },
  // Client mutations that were run, so that a repeated request is answered and not run again (E4).
  {
    name: "_session_requests",
    scope: "root",
    visible: false,
    indexes: [{ name: "by_session_request", fields: ["sessionId", "requestId"] }],
  },
  // When each cron of each component runs next. Written, read and deleted by `scheduler/crons.ts`.
  {
    name: "_crons",
    scope: "root",
    visible: false,
    indexes: [{ name: "by_name", fields: ["component", "name"] }],
  },
  // The last runs of each cron.
  {
    name: "_cron_logs",
    scope: "root",
    visible: false,
    indexes: [{ name: "by_name", fields: ["component", "name"] }],
  },
  // Exports that were asked for: one row. Written, read and deleted by `admin/exports.ts`.
  { name: "_exports", scope: "root", visible: false, indexes: [] },
  // Imports and how they went. Written, read and deleted by `admin/imports.ts`.
  { name: "_snapshot_imports", scope: "root", visible: false, indexes: [] },
  // Settings of the backend itself: `key` → `value`.
  { name: "_settings", scope: "root", visible: false, indexes: [{ name: "by_key", fields: ["key"] }] },
];

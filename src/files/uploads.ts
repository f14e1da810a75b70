import type { ConvexReactClient } from "convex/react";
import type { Id } from "../../convex/_generated/dataModel";
import { texts } from "../i18n/catalogue.ts";
import { createStore } from "../lib/store.ts";
import { showToast } from "../ui/toasts.ts";

/**
 * Files on their way from this tab to a draft.
 *
 *   uploading ──► (gone: the server lists it as the draft's)
 *      │ ▲
 *      ▼ │ retry
 *    failed ──► (gone, removed)
 *
 * What does the work is loaded with the first file: `uploader.ts`.
 */
export type UploadState =
  | { readonly kind: "uploading"; /** 0 to 1. */ readonly progress: number }
  | { readonly kind: "failed"; readonly message: string };

export interface Upload {
  readonly id: string;
  readonly draftKey: string;
  readonly taskId: Id<"tasks"> | null;
  readonly file: Blob;
  readonly filename: string;
  readonly mediaType: string;
  readonly state: UploadState;
}

export const uploadsStore = createStore<readonly Upload[]>([]);

/** Where a draft's files go, and what it has already. */
export interface DraftPlace {
  readonly draftKey: string;
  readonly taskId: Id<"tasks"> | null;
  readonly files: readonly { readonly size: number }[];
}

const load = () => import("./uploader.ts");

/** Attaches files to a draft. Those that cannot be are told of. */
export function attachFiles(convex: ConvexReactClient, place: DraftPlace, files: readonly File[]) {
  if (files.length === 0) return;
  load().then(({ startUploads }) => startUploads(convex, place, files), couldNotLoad);
}

export function retryUpload(convex: ConvexReactClient, id: string) {
  load().then(({ restartUpload }) => restartUpload(convex, id), couldNotLoad);
}

export function dropUpload(id: string) {
  load().then(({ cancelUpload }) => cancelUpload(id), couldNotLoad);
}

const couldNotLoad = () => void showToast({ tone: "error", message: texts().somethingFailed });

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
 * They are carried while there is a session (`useUploadSender.ts`), by what is loaded with the first file (`uploader.ts`).
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

export const loadUploader = () => import("./uploader.ts");

/** Attaches files to a draft. Those that cannot be are told of. */
export function attachFiles(place: DraftPlace, files: readonly File[]) {
  if (files.length === 0) return;
  loadUploader().then(({ addUploads }) => addUploads(place, files), couldNotLoad);
}

export function setUploadState(id: string, state: UploadState) {
  uploadsStore.update((uploads) =>
    uploads.map((upload) => (upload.id === id ? { ...upload, state } : upload)),
  );
}

export const retryUpload = (id: string) => setUploadState(id, { kind: "uploading", progress: 0 });

export function dropUpload(id: string) {
  loadUploader().then(({ cancelUpload }) => cancelUpload(id), couldNotLoad);
}

const couldNotLoad = () => void showToast({ tone: "error", message: texts().somethingFailed });

import type { ConvexReactClient } from "convex/react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { failureData } from "../../convex/shared/errors";
import { formatBytes } from "../../convex/shared/files";
import { MAX_PROMPT_FILE_BYTES, MAX_PROMPT_FILES } from "../../convex/shared/limits";
import { reachable } from "../app/convexUrl.ts";
import { failureText } from "../app/failures.ts";
import { newId } from "../composer/draftStore.ts";
import { texts } from "../i18n/catalogue.ts";
import { pageLocale } from "../lib/pageLocale.ts";
import { showToast } from "../ui/toasts.ts";
import { checkFile, type FileCheck } from "./checkFile.ts";
import { makePreview, endPreview } from "./previews.ts";
import { setUploadState, uploadsStore, type DraftPlace, type Upload } from "./uploads.ts";

/** Checks files, posts their bytes and attaches them. Loaded with the first file. */

const refuse = (message: string) => void showToast({ tone: "error", message });

function refusalText(name: string, check: Extract<FileCheck, { ok: false }>): string {
  const text = texts().files;
  switch (check.reason) {
    case "type":
      return text.refusedType(name);
    case "empty":
      return text.refusedEmpty(name);
    case "size":
      return text.refusedSize(name, text.kinds[check.kind], formatBytes(check.limit, pageLocale()));
    default:
      return check satisfies never;
  }
}

/** Takes up what can be attached, and tells of each file that cannot. */
export async function addUploads(place: DraftPlace, files: readonly File[]): Promise<void> {
  const { draftKey, taskId } = place;
  let room = MAX_PROMPT_FILES - place.files.length;
  let bytes = MAX_PROMPT_FILE_BYTES - place.files.reduce((sum, { size }) => sum + size, 0);
  for (const file of files) {
    const check = await checkFile(file);
    if (!check.ok) {
      refuse(refusalText(file.name, check));
      continue;
    }
    if (room < 1) {
      refuse(texts().files.refusedCount(MAX_PROMPT_FILES));
      return;
    }
    if (file.size > bytes) {
      refuse(texts().files.refusedTotal(file.name, formatBytes(MAX_PROMPT_FILE_BYTES, pageLocale())));
      continue;
    }
    room -= 1;
    bytes -= file.size;
    const { mediaType } = check;
    const upload: Upload = {
      ...{ id: newId(), draftKey, taskId, file, filename: file.name, mediaType },
      state: { kind: "uploading", progress: 0 },
    };
    makePreview(upload.id, file, mediaType);
    uploadsStore.update((uploads) => [...uploads, upload]);
  }
}

/** Uploads that are being carried. */
const carried = new Set<string>();

/** The last upload of each draft: files are attached in the order in which they were chosen. */
const lastOfDraft = new Map<string, Promise<void>>();

/** Carries what is not carried yet. To be called when there is a session and uploads have changed. */
export function carryUploads(convex: ConvexReactClient) {
  for (const upload of uploadsStore.get()) {
    const { id, draftKey, state } = upload;
    if (state.kind !== "uploading" || carried.has(id)) continue;
    carried.add(id);
    const before = lastOfDraft.get(draftKey) ?? Promise.resolve();
    lastOfDraft.set(draftKey, carry(convex, upload, before));
  }
}

/** Takes an upload off its draft, wherever it is. */
export function cancelUpload(id: string) {
  drop(id);
  requests.get(id)?.abort();
  endPreview(id, null);
}

/** Posts under way, so that they can be aborted. */
const requests = new Map<string, XMLHttpRequest>();

const isWanted = (id: string) => uploadsStore.get().some((upload) => upload.id === id);

/**
 * From the bytes to the draft's file. Never rejects: a failure is the upload's state. The bytes go at once; what was chosen
 * `before` is attached before.
 */
async function carry(convex: ConvexReactClient, upload: Upload, before: Promise<void>): Promise<void> {
  const { id, taskId, filename, mediaType, file } = upload;
  try {
    const { url, contentType } = await convex.mutation(api.attachments.generateUploadUrl, {
      ...{ filename, mediaType, size: file.size },
    });
    if (!isWanted(id)) return;
    const storageId = await post(reachable(url), contentType, upload);
    await before;
    const attachmentId = await convex.mutation(api.attachments.add, { taskId, storageId, filename });
    if (!isWanted(id)) {
      await convex.mutation(api.attachments.remove, { attachmentId });
      return;
    }
    // The draft's list has it already: a mutation resolves when its effects are there.
    endPreview(id, attachmentId);
    drop(id);
  } catch (error) {
    // Before the state: whoever sees it may try again.
    carried.delete(id);
    const code = failureData(error)?.code;
    // Carried again when there is a session again.
    if (code === "UNAUTHENTICATED" || !isWanted(id)) return;
    const message = code === undefined ? texts().files.notUploaded : failureText(error);
    setUploadState(id, { kind: "failed", message });
  }
}

/** Posts the bytes; `fetch` cannot tell how far it is. */
function post(url: string, contentType: string, { id, file }: Upload): Promise<Id<"_storage">> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = () => reject(new Error("The file could not be uploaded"));
    requests.set(id, request);
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("Content-Type", contentType);
    request.upload.onprogress = ({ loaded, total }) =>
      setUploadState(id, { kind: "uploading", progress: total === 0 ? 0 : loaded / total });
    request.onload = () => {
      const answer = request.response as { storageId?: Id<"_storage"> } | null;
      if (request.status === 200 && answer?.storageId !== undefined) resolve(answer.storageId);
      else fail();
    };
    request.onerror = fail;
    request.onabort = fail;
    request.onloadend = () => void requests.delete(id);
    request.send(file);
  });
}

function drop(id: string) {
  carried.delete(id);
  uploadsStore.update((uploads) => uploads.filter((upload) => upload.id !== id));
}

/** What is on its way is lost with the page; the browser asks before it closes one. */
window.addEventListener("beforeunload", (event) => {
  if (uploadsStore.get().some(({ state }) => state.kind === "uploading")) event.preventDefault();
});

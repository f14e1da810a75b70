import type { Id } from "../../convex/_generated/dataModel";
import type { ChatSettings } from "../../convex/shared/chatSettings";
import type { Attachment } from "../files/draftFiles.ts";
import type { Receipt } from "./receipt.ts";
import { onStoredChange, readStored, storedKeys, writeStored } from "../lib/storage.ts";
import { createStore } from "../lib/store.ts";

/**
 * Prompts on their way to the server. An entry lives from the press of Send until the chat shows its prompt,
 * and it survives reloads: sending again with the same `clientMessageId` is the same send.
 *
 *   sending ──► accepted ──► (gone, when the server's message is there)
 *      │ ▲
 *      ▼ │ retry, queue, stop and send
 *   busy, failed ──► (gone, put back into the composer)
 */
export type SendState =
  | { readonly kind: "sending" }
  /** Another answer is being written; the person chooses what to do. */
  | { readonly kind: "busy" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "accepted"; readonly receipt: Receipt };

export type WhenBusy = "reject" | "queue" | "interrupt";

export interface OutboxEntry {
  readonly clientMessageId: string;
  /** The view that sent it; a new chat has no `taskId` yet. */
  readonly chatKey: string;
  readonly taskId: Id<"tasks"> | null;
  readonly content: string;
  /** They are the draft's at the server until the prompt is sent. */
  readonly files: readonly Attachment[];
  readonly model: string | null;
  /** Of the chat that this makes. */
  readonly settings?: ChatSettings;
  /** For a comparison, the models that it goes to at once. */
  readonly models: readonly string[] | null;
  /** For a new chat. */
  readonly tools?: readonly string[];
  readonly whenBusy: WhenBusy;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly state: SendState;
}

const STORAGE_PREFIX = "verbatim:outbox:";
/** ms: a prompt found after longer than this is shown with Retry instead of being sent unasked. */
export const RESUME_WITHIN_MS = 60 * 60 * 1000;

export type Outbox = readonly OutboxEntry[];

/** What can be sent now: one at a time per chat, in order. */
export function sendable(outbox: Outbox, inFlight: ReadonlySet<string>): OutboxEntry[] {
  const occupied = new Set(
    outbox.filter((entry) => inFlight.has(entry.clientMessageId)).map((entry) => entry.chatKey),
  );
  const ready: OutboxEntry[] = [];
  for (const entry of outbox) {
    if (entry.state.kind !== "sending" || occupied.has(entry.chatKey)) continue;
    occupied.add(entry.chatKey);
    ready.push(entry);
  }
  return ready;
}

/** The outbox after an entry's state changed. The first acceptance of a new chat tells the others where they belong. */
export function withState(outbox: Outbox, clientMessageId: string, state: SendState): Outbox {
  const subject = outbox.find((entry) => entry.clientMessageId === clientMessageId);
  if (subject === undefined) return outbox;
  return outbox.map((entry) => {
    if (entry.clientMessageId === clientMessageId) {
      return { ...entry, state, taskId: state.kind === "accepted" ? state.receipt.taskId : entry.taskId };
    }
    if (state.kind === "accepted" && entry.chatKey === subject.chatKey && entry.taskId === null) {
      return { ...entry, taskId: state.receipt.taskId };
    }
    return entry;
  });
}

/** A stored entry as it is taken up again after a reload, or null for what is not one. */
export function resumed(stored: unknown, now: number): OutboxEntry | null {
  if (typeof stored !== "object" || stored === null) return null;
  const entry = stored as Partial<OutboxEntry>;
  if (typeof entry.clientMessageId !== "string" || typeof entry.content !== "string") return null;
  if (typeof entry.chatKey !== "string" || typeof entry.createdAt !== "number") return null;
  const state = entry.state ?? { kind: "sending" };
  const tooOld = now - entry.createdAt > RESUME_WITHIN_MS;
  return {
    clientMessageId: entry.clientMessageId,
    chatKey: entry.chatKey,
    taskId: entry.taskId ?? null,
    content: entry.content,
    files: entry.files ?? [],
    model: entry.model ?? null,
    ...(entry.settings !== undefined && { settings: entry.settings }),
    models: entry.models ?? null,
    tools: entry.tools ?? [],
    whenBusy: entry.whenBusy ?? "reject",
    createdAt: entry.createdAt,
    state: state.kind === "sending" && tooOld ? { kind: "failed", message: "" } : state,
  };
}

function loadOutbox(): Outbox {
  return storedKeys(STORAGE_PREFIX)
    .map((key) => resumed(readStored(key), Date.now()))
    .filter((entry) => entry !== null)
    .sort((a, b) => a.createdAt - b.createdAt);
}

export const outboxStore = createStore<Outbox>(loadOutbox());

// Another tab was the one to finish or give up an entry that this tab also found at its start.
onStoredChange(STORAGE_PREFIX, (key) => {
  if (readStored(key) !== null) return;
  const clientMessageId = key.slice(STORAGE_PREFIX.length);
  outboxStore.update((outbox) =>
    outbox.filter(
      (entry) =>
        entry.clientMessageId !== clientMessageId ||
        entry.state.kind === "accepted" ||
        entry.state.kind === "sending",
    ),
  );
});

/** One key an entry, so that tabs do not overwrite each other's. An accepted prompt is the server's to keep. */
function keep(entry: OutboxEntry) {
  writeStored(STORAGE_PREFIX + entry.clientMessageId, entry.state.kind === "accepted" ? null : entry);
}

export function addToOutbox(entry: Omit<OutboxEntry, "state" | "createdAt">) {
  const added: OutboxEntry = { ...entry, createdAt: Date.now(), state: { kind: "sending" } };
  keep(added);
  outboxStore.update((outbox) => [
    ...outbox.filter((other) => other.clientMessageId !== entry.clientMessageId),
    added,
  ]);
}

/** Keeps only the entries that changed: another tab may have given up one of the others, and this tab not have heard of it yet. */
function change(changed: (outbox: Outbox) => Outbox) {
  const before = new Set(outboxStore.get());
  outboxStore.update(changed);
  for (const entry of outboxStore.get()) if (!before.has(entry)) keep(entry);
}

export function setOutboxState(clientMessageId: string, state: SendState) {
  change((outbox) => withState(outbox, clientMessageId, state));
}

/** Sends again with the same `clientMessageId`; `whenBusy` says what to do about a live run this time. */
export function retryInOutbox(clientMessageId: string, whenBusy?: WhenBusy) {
  change((outbox) =>
    outbox.map((entry) =>
      entry.clientMessageId === clientMessageId
        ? {
            ...entry,
            whenBusy: whenBusy ?? entry.whenBusy,
            createdAt: Date.now(),
            state: { kind: "sending" },
          }
        : entry,
    ),
  );
}

export function dropFromOutbox(clientMessageIds: readonly string[]) {
  if (clientMessageIds.length === 0) return;
  for (const id of clientMessageIds) writeStored(STORAGE_PREFIX + id, null);
  outboxStore.update((outbox) => outbox.filter((entry) => !clientMessageIds.includes(entry.clientMessageId)));
}

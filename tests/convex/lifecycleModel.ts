/**
 * What chats, answers, runs and queues should do, as a plain model: no database, no documents, no indexes. The model-based test
 * does the same to this and to the functions, and compares.
 */
import { vi } from "vitest";
import type { Id } from "../../convex/_generated/dataModel";
import type { EndReason } from "../../convex/shared/endReasons";
import type { Known, SentFlush } from "./support.ts";

export const LEASE_MS = 30_000;
/** After an end. */
export const CLEAN_UP_DELAY_MS = 60_000;
/** Between the deletion of a chat and the first batch of what goes for good. */
export const UNDO_REMOVAL_MS = 60_000;
const HEARTBEAT_WRITE_MS = 5_000;

export type Node = {
  role: "USER" | "ASSISTANT";
  /** Known once the functions have told it. */
  id: Id<"chatMessages"> | null;
  text: string;
  status: "pending" | "complete" | "failed";
  endReason: EndReason | null;
  parent: Node | null;
  children: Node[];
  shown: Node | null;
  /** Of a prompt that was given to several models. */
  comparison: { answers: Node[]; kept: Node | null } | null;
};

/** Places for runs in these lives: fewer than chats, so that runs wait. */
export const PLACES = 2;
const FAIRNESS_MS = 60_000;

export type Run = {
  runId: string;
  answer: Node;
  /** The order in which runs of the same turn began. */
  number: number;
  turnAt: number;
  state: "waiting" | "called" | "streaming" | "awaitingApproval";
  /** Its calls that wait for approval. */
  open: string[];
  heartbeatAt: number;
  /** The order in which runs were claimed. */
  claim: number;
  flushSeq: number;
  /** What its generator says of where its next flush goes on. */
  known: Known;
  /** What it has written since its last page: the first row, and the text. */
  unpaged: { from: number; text: string };
  /** A flush of it that may arrive once more. */
  sent: SentFlush | null;
  /** Its tool calls that its person may cancel. */
  calls: string[];
};
export type Queued = { clientId: string; content: string; models?: string[] };

export type Expected =
  | { kind: "queued" | "withdrawn"; chat: Chat }
  | { kind: "started"; chat: Chat; prompt: Node; answer: Node; runId: string };

export class Chat {
  /** Not a message: what first prompts hang on. */
  readonly root: Node = node("USER", "", null);
  /** Live runs, oldest first: several in a comparison, else one at most. */
  runs: Run[] = [];
  queue: Queued[] = [];
  paused = false;
  deleted = false;

  constructor(readonly taskId: Id<"tasks">) {}

  get isFree(): boolean {
    return this.runs.length === 0;
  }

  get path(): Node[] {
    const path: Node[] = [];
    for (let next = this.root.shown; next !== null; next = next.shown) path.push(next);
    return path;
  }

  get last(): Node {
    return this.path.at(-1) ?? this.root;
  }

  /** Appends a variant below `parent` and shows it. */
  add(parent: Node, role: Node["role"], text: string): Node {
    const added = node(role, text, parent);
    parent.children.push(added);
    parent.shown = added;
    return added;
  }

  /** A prompt and its answer, whose run the functions have begun. */
  addPair(parent: Node, content: string): { prompt: Node; answer: Node } {
    const prompt = this.add(parent, "USER", content);
    prompt.status = "complete";
    return { prompt, answer: this.add(prompt, "ASSISTANT", "") };
  }

  /** A prompt and an answer of each model; the first is shown. */
  addComparison(parent: Node, content: string, models: readonly string[]): { prompt: Node; answers: Node[] } {
    const prompt = this.add(parent, "USER", content);
    prompt.status = "complete";
    const answers = models.map(() => this.add(prompt, "ASSISTANT", ""));
    prompt.shown = answers[0] ?? null;
    prompt.comparison = { answers, kept: null };
    return { prompt, answers };
  }

  /** The comparison that an answer is of, as long as none is kept. */
  openComparisonOf(answer: Node): NonNullable<Node["comparison"]> | null {
    const comparison = answer.parent?.comparison ?? null;
    return comparison !== null && comparison.kept === null && comparison.answers.includes(answer)
      ? comparison
      : null;
  }

  /** What a new prompt follows: of an open comparison what is shown, or else the first that has not failed. */
  closeEnd(): Node {
    const { last } = this;
    const comparison = this.openComparisonOf(last);
    if (comparison === null) return last;
    const isComplete = ({ status }: Node) => status === "complete";
    const kept = isComplete(last) ? last : (comparison.answers.find(isComplete) ?? last);
    comparison.kept = kept;
    if (kept.parent) kept.parent.shown = kept;
    return kept;
  }

  /** Shows a message and the newest of what followed it. */
  select(selected: Node): void {
    for (let at: Node | undefined = selected; at !== undefined; at = at.children.at(-1)) {
      if (at.parent) at.parent.shown = at;
      at.shown = at.children.at(-1) ?? null;
    }
  }

  /** Ends a live run. The caller looks after the queue. */
  end(run: Run, endReason: EndReason): void {
    const { answer } = run;
    answer.endReason = endReason;
    const isFailure = endReason === "crashed" || endReason === "providerError" || endReason === "timedOut";
    answer.status = isFailure ? "failed" : "complete";
    this.runs = this.runs.filter((other) => other !== run);
  }

  /** Has it a live run whose lease is not over? */
  isBusy(now: number): boolean {
    return this.runs.some((run) => !isExpired(run, now));
  }

  /** The prompt that now leaves the queue, if it may go on. */
  dequeue(): Queued | null {
    if (this.paused || !this.isFree) return null;
    return this.queue.shift() ?? null;
  }

  hold(): void {
    if (this.queue.length > 0) this.paused = true;
  }

  /** An empty queue is not held. */
  tidyQueue(): void {
    if (this.queue.length === 0) this.paused = false;
  }
}

export function node(role: Node["role"], text: string, parent: Node | null): Node {
  const empty = { id: null, endReason: null, children: [], shown: null, comparison: null };
  return { role, text, status: "pending", parent, ...empty };
}

export const isExpired = (run: Run, now: number): boolean =>
  run.state === "streaming" && now - run.heartbeatAt >= LEASE_MS;

/** A sign of life of a run, stored when the last one is old enough. */
export function touch(run: Run, now: number): void {
  if (now - run.heartbeatAt >= HEARTBEAT_WRITE_MS) run.heartbeatAt = now;
}

export class Model {
  now: number;
  readonly chats: Chat[] = [];
  readonly receipts = new Map<string, Expected>();
  /** Runs that have ended, whose generators may still write. */
  readonly zombies: Pick<Run, "runId" | "flushSeq" | "known" | "sent">[] = [];
  /** Scheduled clean-ups that have come, by their ids. */
  readonly cleanUps = new Set<string>();
  #clientIds = 0;
  #runs = 0;
  #claims = 0;

  constructor(now: number) {
    this.now = now;
  }

  get living(): Chat[] {
    return this.chats.filter((chat) => !chat.deleted);
  }

  /** All live runs; every chat is of one person. Those that wait for the person's word are not at work. */
  get runs(): Run[] {
    return this.living.flatMap((chat) => chat.runs);
  }

  /** A run that has begun in the chat, after those that the model knows. */
  addRun(chat: Chat, answer: Node, runId: string): void {
    answer.status = "pending";
    answer.endReason = null;
    chat.runs.push({
      ...{ answer, number: ++this.#runs, ...this.#waiting(runId) },
    });
  }

  /** A run whose last call was answered waits again, under a new name. */
  resume(run: Run, runId: string): void {
    Object.assign(run, this.#waiting(runId));
  }

  #waiting(runId: string): Omit<Run, "answer" | "number"> {
    const atWork = this.runs.filter(({ state }) => state !== "awaitingApproval");
    return {
      ...{ runId, turnAt: this.now + atWork.length * FAIRNESS_MS, state: "waiting" },
      ...{ heartbeatAt: this.now, claim: 0, flushSeq: 0, known: {}, open: [] },
      ...{ unpaged: { from: 0, text: "" }, sent: null, calls: [] },
    };
  }

  claim(run: Run): void {
    run.state = "streaming";
    run.claim = ++this.#claims;
    run.heartbeatAt = this.now;
  }

  /** Places that no run has or is called for. */
  get freePlaces(): number {
    return Math.max(0, PLACES - this.#runsIn("streaming").length - this.#runsIn("called").length);
  }

  /** May this run be claimed? [G15] */
  hasPlace(run: Run): boolean {
    if (run.state !== "waiting") return run.state === "called";
    return this.#nextInTurn().includes(run);
  }

  /** The runs whose turn it is are called. */
  callNext(): void {
    for (const run of this.#nextInTurn()) run.state = "called";
  }

  /** The waiting runs for which there are places. */
  #nextInTurn(): Run[] {
    const waiting = this.#runsIn("waiting").sort((a, b) => a.turnAt - b.turnAt || a.number - b.number);
    return waiting.slice(0, this.freePlaces);
  }

  #runsIn(state: Run["state"]): Run[] {
    return this.runs.filter((run) => run.state === state);
  }

  /** Time passes, for the functions too. */
  pass(ms: number): void {
    this.now += ms;
    vi.setSystemTime(this.now);
  }

  /** A run has ended; its generator does not know. */
  bury({ runId, flushSeq, known, sent }: Run): void {
    this.zombies.push({ runId, flushSeq, known, sent });
  }

  newClientId(): string {
    return `client-${++this.#clientIds}`;
  }
}

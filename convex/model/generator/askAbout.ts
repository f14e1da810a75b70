import type { Connect } from "../../providers/connectModel";
import { openAsker, type Asker } from "../keys/asker";
import type { AskTold } from "../suggestions/asks";
import { askMeter, askModel, askTold, TOOK_TOO_LONG, type Question } from "./askModel";

/** One question from its keys to its end. */
export type Asking = {
  task: string;
  question: Question & { asker: Asker };
  limitMs: number;
  /** In place of the person's providers. */
  connect?: Connect | undefined;
  /** What may end it before: resolves when `abort` was called, or when it is aborted. */
  beside?: (abort: AbortController) => Promise<void>;
};

/** Never rejects: `reply` is an Error when there is none. `told`: what it took, whatever came of it. */
export async function askAbout(asking: Asking): Promise<{ reply: string | Error; told: AskTold }> {
  const { task, question, limitMs, connect, beside } = asking;
  const asker = await openAsker(question.asker);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(TOOK_TOO_LONG), limitMs);
  const looking = beside?.(abort);
  const meter = askMeter(question);
  let reply: string | Error;
  try {
    reply = await askModel(task, question, connect ?? asker.connect(), abort.signal, meter);
  } catch (error) {
    reply = error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(timer);
    abort.abort();
    asker.release();
    await looking;
  }
  return { reply, told: askTold(question, meter, question.model) };
}

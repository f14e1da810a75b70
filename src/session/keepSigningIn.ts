import { Backoff } from "../lib/backoff.ts";

/** Signs in without asking, as the owner of this machine or a guest, through failures. No browser here: the page supplies the dependencies. */

const RETRY = { firstMs: 500, longestMs: 30_000 };

export interface SignInDependencies {
  /** Runs `task` while no other tab does. */
  exclusively: (task: () => Promise<void>) => Promise<void>;
  /** Whether a session exists by now, e.g. because another tab was first. */
  hasSession: () => Promise<boolean>;
  signIn: () => Promise<unknown>;
  /** Is it the server's answer that this person is not let in without a question? Then it ends. */
  isRefusal: (error: unknown) => boolean;
  onRefusal: () => void;
  /** Resolves after `ms`, earlier if the network comes back or `signal` aborts. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Says whether signing in currently fails. */
  onTrouble: (troubled: boolean) => void;
}

/** Resolves when there is a session or `signal` aborts. Several tabs that open at once sign in once. Never rejects. */
export async function keepSigningIn(
  { exclusively, hasSession, signIn, isRefusal, onRefusal, pause, onTrouble }: SignInDependencies,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff(RETRY);
  const isOver = () => signal.aborted;
  while (!isOver()) {
    try {
      await exclusively(async () => {
        if (isOver() || (await hasSession()) || isOver()) return;
        await signIn();
      });
      onTrouble(false);
      return;
    } catch (error) {
      if (isOver()) return;
      if (isRefusal(error)) {
        onRefusal();
        return;
      }
      onTrouble(true);
      await pause(backoff.next(), signal);
    }
  }
}

/** ms without a key press after which what was typed goes to the server. */
const TYPING_PAUSE_MS = 800;

/**
 * Calls `save` when nothing was typed under `key` for a while; each call begins the pause anew. No component's end takes it back:
 * what was typed may be left, or its field closed, while it still waits.
 */
export type AfterTyping = (key: string, save: () => Promise<void>) => void;

/** For one kind of text, whose keys are its own. */
export function createTypingPause(): AfterTyping {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  return (key, save) => {
    clearTimeout(timers.get(key));
    timers.set(
      key,
      setTimeout(() => void save(), TYPING_PAUSE_MS),
    );
  };
}

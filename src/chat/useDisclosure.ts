import { useState, type ToggleEvent } from "react";
import { useChat } from "./ChatContext.ts";

/**
 * The state of a `<details>` in this chat. The view remembers which are open, so that a turn unmounted far from the view comes
 * back as it was left.
 */
export function useDisclosure(key: string) {
  const { unfolded } = useChat();
  const [open, setOpen] = useState(() => unfolded.has(key));
  const onToggle = (event: ToggleEvent<HTMLDetailsElement>) => {
    const now = event.currentTarget.open;
    setOpen(now);
    if (now) unfolded.add(key);
    else unfolded.delete(key);
  };
  return { open, onToggle };
}

import { useLayoutEffect, useRef, useState, type RefObject } from "react";
import { useStore } from "../lib/store.ts";
import { ScrollController } from "./scrollController.ts";

export interface ChatScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly jumpShown: boolean;
  readonly controller: ScrollController;
}

/**
 * A scroll controller for a chat's view: put the refs on the scrolling element and on what it scrolls. `firstKey` is the
 * topmost turn; `atEnd`: the chat's end is loaded. Another chat is another component.
 */
export function useChatScroll(firstKey: string | undefined, atEnd: boolean): ChatScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [controller] = useState(() => new ScrollController());
  const jumpShown = useStore(controller.jumpShown);

  useLayoutEffect(() => {
    if (scroller.current === null || content.current === null) return;
    return controller.attach(scroller.current, content.current);
  }, [controller]);
  useLayoutEffect(() => controller.rendered(firstKey, atEnd), [controller, firstKey, atEnd]);

  return { scroller, content, jumpShown, controller };
}

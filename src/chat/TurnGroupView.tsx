import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useMediaQuery } from "../lib/useMediaQuery.ts";
import { keepSelection } from "../ui/keepSelection.ts";
import { useChat } from "./ChatContext.ts";
import { estimatedHeight } from "./estimatedHeight.ts";
import type { TurnGroup } from "./turnGroups.ts";
import { TurnView } from "./TurnView.tsx";

/** What would be lost by unmounting: an open editor, the focus, a text selection. */
function isInUse(element: Element): boolean {
  if (element.querySelector("textarea") !== null || element.contains(document.activeElement)) return true;
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(element, true);
}

/**
 * A group of turns. Far from the view it is an empty space of the same height, so that a chat of any length costs only what is
 * seen of it. One that comes in later begins as such a space, of a height that is estimated: it is put up once, when the reader comes
 * near. The last group, which the view follows, is always rendered.
 */
export function TurnGroupView({
  group,
  last,
  anchored,
  wanted,
}: {
  group: TurnGroup;
  last: boolean;
  anchored: string | null;
  /** The turn that the chat is opened at: it is rendered wherever it is. */
  wanted: string | null;
}) {
  const { observeNearness, keepPlace } = useChat();
  const place = useRef<HTMLDivElement>(null);
  const [farHeight, setFarHeight] = useState<number | null>(() =>
    group.later ? estimatedHeight(group.turns) : null,
  );
  const holdsWanted = wanted !== null && group.turns.some((turn) => turn.key === wanted);
  const printed = useMediaQuery("print");
  const empty = farHeight !== null && !last && !holdsWanted && !printed;

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    return observeNearness(element, (near, height) => {
      if (near) setFarHeight(null);
      else if (!isInUse(element)) setFarHeight(height);
    });
  }, [observeNearness]);

  // Text grows in the last group alone.
  useEffect(() => (last && place.current !== null ? keepSelection(place.current) : undefined), [last]);

  // A group may come back with another height, for example if a fold was open.
  useLayoutEffect(() => keepPlace(), [empty, keepPlace]);

  return (
    <div ref={place} data-group={group.key} style={empty ? { height: farHeight } : undefined}>
      {!empty &&
        group.turns.map((turn, index) => {
          const lastTurn = last && index === group.turns.length - 1;
          return (
            <TurnView
              key={turn.key}
              turn={turn}
              last={lastTurn}
              anchored={lastTurn && turn.key === anchored}
              wanted={turn.key === wanted}
            />
          );
        })}
    </div>
  );
}

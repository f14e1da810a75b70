import type { Turn } from "./turns.ts";

/** Neighbouring turns that are rendered and removed together as the view moves: see TurnGroupView. */
export interface TurnGroup {
  readonly key: string;
  readonly turns: readonly Turn[];
  /** It came in above or below what was there already: the reader is not there yet. */
  readonly later: boolean;
}

/** Turns in a group: few enough to be rendered within a frame, enough that what is loaded of a chat has only dozens of groups. */
const GROUP_SIZE = 3;

/**
 * Divides a chat into groups that stay as they are while it grows at both ends: a turn keeps its group, earlier
 * turns are grouped upwards from those already there, and later ones fill the last group.
 */
export function createGrouping(): (turns: readonly Turn[]) => TurnGroup[] {
  let groupOf = new Map<string, string>();
  let count = 0;
  return (turns) => {
    const known = groupOf;
    groupOf = new Map();
    const above = Math.max(
      0,
      turns.findIndex((turn) => known.has(turn.key)),
    );
    // Where what was there ended, unless it has given way to something else, such as another version.
    const lastKnown = [...known.keys()].at(-1);
    const end = turns.findIndex((turn) => turn.key === lastKnown);
    const used = new Set<string>();
    const groups: { key: string; turns: Turn[]; later: boolean }[] = [];
    for (const [index, turn] of turns.entries()) {
      let group = groups.at(-1);
      const wanted = known.get(turn.key);
      const opens =
        group === undefined ||
        (wanted !== undefined
          ? wanted !== group.key
          : index < above
            ? (above - index) % GROUP_SIZE === 0
            : group.turns.length >= GROUP_SIZE);
      if (group === undefined || opens) {
        // If turns were inserted inside a group, its second half becomes another group.
        const key = wanted !== undefined && !used.has(wanted) ? wanted : `group${++count}`;
        group = { key, turns: [], later: index < above || (end !== -1 && index > end) };
        groups.push(group);
        used.add(key);
      }
      group.turns.push(turn);
      groupOf.set(turn.key, group.key);
    }
    return groups;
  };
}

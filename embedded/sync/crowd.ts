import type { ClientLimits } from "../clientLimits.ts";

/** A client's socket, as far as it matters to who may stay when there are too many. */
export type Member = {
  /** The client's address (`addressGroup`). */
  readonly group: string;
  /** Whose it is: the person's, or the address's of one who is nobody. */
  payer: string;
  isAnonymous: boolean;
  /** When the client last said something, milliseconds since the epoch. (That it is alive says nothing.) */
  lastSaidAt: number;
};

type Limits = Pick<ClientLimits, "sockets" | "anonymousSocketsPerAddress" | "socketsPerPerson">;

/** A person who has no more sockets than these gives none up for newcomers: a few tabs on a few devices. */
const MODEST_SOCKETS = 16;

/**
 * The clients that are connected, and whom a newcomer takes the place of when there are too many: first the one that has been silent longest
 * of those who have not signed in; then one of the person who has most.
 */
export class Crowd<M extends Member> {
  private readonly members = new Set<M>();
  private readonly anonymousOf = new Map<string, number>();
  private readonly socketsOf = new Map<string, number>();

  constructor(private readonly limits: Limits) {}

  get size(): number {
    return this.members.size;
  }

  [Symbol.iterator](): Iterator<M> {
    return this.members[Symbol.iterator]();
  }

  /** Who has to leave before one from `group` who has not signed in may come; `"nobody"` if there is room, `null` if there is none. */
  victimFor(group: string): M | "nobody" | null {
    if ((this.anonymousOf.get(group) ?? 0) >= this.limits.anonymousSocketsPerAddress)
      return this.longestSilent((member) => member.isAnonymous && member.group === group);
    if (this.members.size < this.limits.sockets) return "nobody";
    return this.longestSilent(({ isAnonymous }) => isAnonymous) ?? this.ofTheGreediest();
  }

  /** Who has to leave now that somebody has signed in, or `null`. */
  surplusOf(payer: string): M | null {
    if ((this.socketsOf.get(payer) ?? 0) <= this.limits.socketsPerPerson) return null;
    return this.longestSilent((member) => member.payer === payer && !member.isAnonymous);
  }

  add(member: M): void {
    this.members.add(member);
    this.count(member, 1);
  }

  remove(member: M): void {
    if (this.members.delete(member)) this.count(member, -1);
  }

  /** A member has signed in, or out. */
  change(member: M, payer: string, isAnonymous: boolean): void {
    if (!this.members.has(member)) return;
    this.count(member, -1);
    member.payer = payer;
    member.isAnonymous = isAnonymous;
    this.count(member, 1);
  }

  private count({ group, payer, isAnonymous }: M, by: 1 | -1): void {
    const counts = isAnonymous ? this.anonymousOf : this.socketsOf;
    const key = isAnonymous ? group : payer;
    const count = (counts.get(key) ?? 0) + by;
    if (count > 0) counts.set(key, count);
    else counts.delete(key);
  }

  private ofTheGreediest(): M | null {
    let most = { payer: "", count: MODEST_SOCKETS };
    for (const [payer, count] of this.socketsOf) if (count > most.count) most = { payer, count };
    return most.payer === "" ? null : this.longestSilent(({ payer }) => payer === most.payer);
  }

  private longestSilent(isCandidate: (member: M) => boolean): M | null {
    let found: M | null = null;
    for (const member of this.members) {
      if (isCandidate(member) && (found === null || member.lastSaidAt < found.lastSaidAt)) found = member;
    }
    return found;
  }
}

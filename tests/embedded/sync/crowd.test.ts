import { describe, expect, test } from "vitest";
import { Crowd } from "../../../embedded/sync/crowd.ts";
import type { Member } from "../../../embedded/sync/crowd.ts";

const LIMITS = { sockets: 40, anonymousSocketsPerAddress: 10, socketsPerPerson: 20 };

const anonymous = (group: string, lastSaidAt: number): Member => ({
  group,
  payer: `address ${group}`,
  isAnonymous: true,
  lastSaidAt,
});

const person = (name: string, lastSaidAt: number): Member => ({
  group: "10.0.0.1",
  payer: `person ${name}`,
  isAnonymous: false,
  lastSaidAt,
});

describe("[E16.9] who leaves when there are too many clients", () => {
  test("of an address with too many that have not signed in, its own longest silent one", () => {
    const crowd = new Crowd(LIMITS);
    const members = Array.from({ length: 10 }, (_, i) => anonymous("192.0.2.1", 100 - i));
    for (const member of members) crowd.add(member);
    expect(crowd.victimFor("192.0.2.1")).toBe(members[9]);
    expect(crowd.victimFor("192.0.2.2")).toBe("nobody");
  });

  test("when all is full the longest silent one that has not signed in, and after those one of the person with most", () => {
    const crowd = new Crowd(LIMITS);
    const idle = [anonymous("192.0.2.1", 5), anonymous("192.0.2.2", 3)];
    const greedy = Array.from({ length: 18 }, (_, i) => person("greedy", 10 + i));
    const modest = Array.from({ length: 20 }, (_, i) => person(`modest ${i}`, 1));
    for (const member of [...idle, ...greedy, ...modest]) crowd.add(member);
    expect(crowd.victimFor("192.0.2.9")).toBe(idle[1]);
    for (const member of idle) crowd.change(member, "person c", false);
    expect(crowd.victimFor("192.0.2.9")).toBe(greedy[0]);
  });

  test("people who have few sockets each give none up: then a newcomer is refused", () => {
    const crowd = new Crowd(LIMITS);
    for (let i = 0; i < 40; i++) crowd.add(person(`modest ${i}`, i));
    expect(crowd.victimFor("192.0.2.9")).toBeNull();
  });

  test("one person has so many sockets at most; the longest silent one goes", () => {
    const crowd = new Crowd(LIMITS);
    const members = Array.from({ length: 21 }, (_, i) => person("a", i));
    for (const member of members) crowd.add(member);
    expect(crowd.surplusOf("person a")).toBe(members[0]);
    crowd.remove(members[5]!);
    expect(crowd.surplusOf("person a")).toBeNull();
  });
});

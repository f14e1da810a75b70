import { dateOf } from "./format.ts";

/** Figures of one hour. */
interface Sample {
  at: number;
  duplicates: number;
  pastLease: number;
  stuck: number;
  stopP95Ms: number | null;
  waiting: number;
  recovered: number;
}

/** The worst of each day, newest day first. */
export function daysOf(samples: readonly Sample[]): { day: string; worst: Sample }[] {
  const days = new Map<string, Sample>();
  for (const sample of samples) {
    const day = dateOf(sample.at);
    const worst = days.get(day);
    days.set(day, worst === undefined ? sample : worstOf(worst, sample));
  }
  return [...days].map(([day, worst]) => ({ day, worst })).reverse();
}

const worstOf = (a: Sample, b: Sample): Sample => ({
  at: b.at,
  duplicates: Math.max(a.duplicates, b.duplicates),
  pastLease: Math.max(a.pastLease, b.pastLease),
  stuck: Math.max(a.stuck, b.stuck),
  stopP95Ms: a.stopP95Ms === null ? b.stopP95Ms : Math.max(a.stopP95Ms, b.stopP95Ms ?? 0),
  waiting: Math.max(a.waiting, b.waiting),
  recovered: Math.max(a.recovered, b.recovered),
});

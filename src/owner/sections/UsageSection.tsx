import { useConvex, usePaginatedQuery } from "convex/react";
import { useEffect, useState } from "react";
import { api } from "../../../convex/_generated/api";
import { formatBytes } from "../../../convex/shared/files";
import { pageLocale } from "../../lib/pageLocale.ts";
import { useSignedIn } from "../../session/session.ts";
import { Button } from "../../ui/Button.tsx";
import { dollars } from "../../usage/money.ts";
import { monthStart, sumPages, type UsageSum } from "../../usage/useUsage.ts";
import { numberOf } from "../format.ts";
import styles from "../Owner.module.css";
import { useOwnerTexts } from "../ownerTexts.ts";
import { nameOf, type Person } from "../person.ts";

/** People asked for at once: each is added up by itself. */
const PAGE = 25;

type Figures = { sum: UsageSum; bytes: number; files: number } | "failed";

/** What everybody takes up and has used this month: sums, and nothing of what is in them. */
export function UsageSection() {
  const text = useOwnerTexts();
  const signedIn = useSignedIn();
  const { results, status, loadMore } = usePaginatedQuery(api.people.list, signedIn ? {} : "skip", {
    initialNumItems: PAGE,
  });
  const figures = useFigures(results);
  return (
    <>
      <p className={styles.hint}>{text.usageHint}</p>
      {/* Scrolled by the keyboard where it is wider than the page. */}
      <div className={styles.scroll} role="region" aria-label={text.usageHint} tabIndex={0}>
        <table className={styles.table}>
          <thead>
            <tr>
              {[text.person, text.files, text.replies, text.input, text.output, text.cost].map((label) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {results.map((person) => (
              <tr key={person.userId}>
                <th scope="row" dir="auto">
                  {nameOf(person, text)}
                </th>
                <Cells of={figures.get(person.userId)} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {status === "CanLoadMore" && <Button onClick={() => loadMore(PAGE)}>{text.more}</Button>}
    </>
  );
}

function Cells({ of }: { of: Figures | undefined }) {
  const text = useOwnerTexts();
  if (of === undefined || of === "failed")
    return <td colSpan={5}>{of === undefined ? text.loading : text.failed}</td>;
  const { sum, bytes } = of;
  return (
    <>
      <td>{formatBytes(bytes, pageLocale())}</td>
      <td>{numberOf(sum.runs)}</td>
      <td>{numberOf(sum.inputTokens)}</td>
      <td>{numberOf(sum.outputTokens)}</td>
      <td>{dollars(sum.cost)}</td>
    </>
  );
}

/** The figures of these people, one after the other, each asked for once. */
function useFigures(people: readonly Person[]): ReadonlyMap<string, Figures> {
  const convex = useConvex();
  const [figures, setFigures] = useState<ReadonlyMap<string, Figures>>(new Map());
  const next = people.find(({ userId }) => !figures.has(userId))?.userId;
  useEffect(() => {
    if (next === undefined) return;
    let wanted = true;
    const load = async (): Promise<Figures> => {
      const [sum, storage] = await Promise.all([
        sumPages((before) => convex.query(api.people.usage, { userId: next, from: monthStart(), before })),
        convex.query(api.people.storage, { userId: next }),
      ]);
      return { sum, ...storage };
    };
    const keep = (found: Figures) => {
      if (wanted) setFigures((known) => new Map(known).set(next, found));
    };
    load().then(keep, () => keep("failed"));
    return () => {
      wanted = false;
    };
  }, [convex, next]);
  return figures;
}

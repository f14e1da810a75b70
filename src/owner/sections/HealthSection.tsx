import { useConvex } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useEffect, useState } from "react";
import { api } from "../../../convex/_generated/api";
import { useSignedIn } from "../../session/session.ts";
import { numberOf } from "../format.ts";
import { daysOf } from "../healthDays.ts";
import styles from "../Owner.module.css";
import { useOwnerTexts, type OwnerTexts } from "../ownerTexts.ts";

type Health = FunctionReturnType<typeof api.health.now>;
type History = FunctionReturnType<typeof api.health.history>;
type Loaded = { now: Health; history: History } | "failed" | null;

/** ms between two looks: each reads many rows, so that nobody subscribes to it. */
const LOOK_MS = 10_000;

/** The invariants as they are, and as they were. */
export function HealthSection() {
  const text = useOwnerTexts();
  const loaded = useHealth();
  if (loaded === null || loaded === "failed")
    return <p className={styles.hint}>{loaded === null ? text.loading : text.failed}</p>;
  const { now, history } = loaded;
  const isGood = now.duplicates + now.pastLease + now.stuck === 0;
  const days = daysOf(history);
  return (
    <>
      <p className={isGood ? styles.hint : styles.bad} role="status">
        {isGood ? text.good : text.bad}
      </p>
      <dl className={styles.figures}>
        {FIGURES.map(({ label, value, mustBeZero }) => (
          <div key={label} className={styles.figure}>
            <dt>{text[label]}</dt>
            <dd className={mustBeZero && value(now, text) !== "0" ? styles.bad : undefined}>
              {value(now, text)}
            </dd>
          </div>
        ))}
      </dl>
      <p className={styles.hint}>{text.healthHint}</p>
      <h3 className={styles.subtitle}>{text.history}</h3>
      {days.length === 0 ? (
        <p className={styles.hint}>{text.noHistory}</p>
      ) : (
        <>
          <p className={styles.hint}>{text.historyHint}</p>
          <div className={styles.scroll} role="region" aria-label={text.history} tabIndex={0}>
            <table className={styles.table}>
              <thead>
                <tr>
                  <th scope="col">{text.day}</th>
                  {FIGURES.map(({ label }) => (
                    <th key={label} scope="col">
                      {text[label]}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {days.map(({ day, worst }) => (
                  <tr key={day}>
                    <th scope="row" className={styles.day}>
                      {day}
                    </th>
                    {FIGURES.map(({ label, value, mustBeZero }) => (
                      <td
                        key={label}
                        className={mustBeZero && value(worst, text) !== "0" ? styles.bad : undefined}
                      >
                        {value(worst, text)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </>
  );
}

interface Figure {
  label: "duplicates" | "pastLease" | "stuck" | "stopP95" | "waiting" | "recovered";
  value: (health: Health, text: OwnerTexts) => string;
  mustBeZero: boolean;
}

const FIGURES: readonly Figure[] = [
  { label: "duplicates", value: ({ duplicates }) => numberOf(duplicates), mustBeZero: true },
  { label: "pastLease", value: ({ pastLease }) => numberOf(pastLease), mustBeZero: true },
  { label: "stuck", value: ({ stuck }) => numberOf(stuck), mustBeZero: true },
  {
    label: "stopP95",
    value: ({ stopP95Ms }, text) =>
      stopP95Ms === null ? text.none : text.ms(numberOf(Math.round(stopP95Ms))),
    mustBeZero: false,
  },
  { label: "waiting", value: ({ waiting }) => numberOf(waiting), mustBeZero: false },
  { label: "recovered", value: ({ recovered }) => numberOf(recovered), mustBeZero: false },
];

/** Asked anew now and then, while the section is open; a failure shows when there is nothing else to show. */
function useHealth(): Loaded {
  const convex = useConvex();
  const signedIn = useSignedIn();
  const [loaded, setLoaded] = useState<Loaded>(null);
  useEffect(() => {
    if (!signedIn) return;
    let wanted = true;
    const look = async () => {
      const { health } = api;
      try {
        const [now, history] = await Promise.all([
          convex.query(health.now, {}),
          convex.query(health.history, {}),
        ]);
        if (wanted) setLoaded({ now, history });
      } catch {
        if (wanted) setLoaded((before) => before ?? "failed");
      }
    };
    void look();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void look();
    }, LOOK_MS);
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [convex, signedIn]);
  return loaded;
}

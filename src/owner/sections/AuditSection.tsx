import { usePaginatedQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useId, useState } from "react";
import { api } from "../../../convex/_generated/api";
import { useSignedIn, useViewerQuery } from "../../session/session.ts";
import { Button } from "../../ui/Button.tsx";
import { numberOf, timeOf } from "../format.ts";
import styles from "../Owner.module.css";
import { useOwnerTexts, type OwnerTexts } from "../ownerTexts.ts";
import { useAuditDetail } from "./auditDetail.ts";

type AuditEvent = FunctionReturnType<typeof api.audit.list>["page"][number];
type Kind = AuditEvent["kind"];

const PAGE = 50;

/** What the embedded backend tells functions of whoever came by a proxy that did not name them (E16.14 of `embedded/SPEC.md`). */
const BEHIND_PROXY = "0.0.0.0";

/** What was done to accounts: who, what, when, from where. */
export function AuditSection() {
  const text = useOwnerTexts();
  const signedIn = useSignedIn();
  const limits = useViewerQuery(api.people.limits, {});
  const [kind, setKind] = useState<Kind | null>(null);
  const { results, status, loadMore } = usePaginatedQuery(api.audit.list, signedIn ? { kind } : "skip", {
    initialNumItems: PAGE,
  });
  const id = useId();
  const days = limits?.find(({ name }) => name === "auditDays")?.value;
  return (
    <>
      {days !== undefined && <p className={styles.hint}>{text.auditHint(text.units.days(numberOf(days)))}</p>}
      <div className={styles.field}>
        <label htmlFor={id}>{text.kind}</label>
        <select
          id={id}
          className={styles.select}
          value={kind ?? ""}
          onChange={({ currentTarget: { value } }) => setKind(isKind(value, text) ? value : null)}
        >
          <option value="">{text.allKinds}</option>
          {Object.entries(text.kinds).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </div>
      {status === "LoadingFirstPage" && <p className={styles.hint}>{text.loading}</p>}
      {status === "Exhausted" && results.length === 0 && <p className={styles.hint}>{text.noEvents}</p>}
      <ul className={styles.list}>
        {results.map((event) => (
          <EventRow key={event._id} event={event} />
        ))}
      </ul>
      {status === "CanLoadMore" && <Button onClick={() => loadMore(PAGE)}>{text.more}</Button>}
    </>
  );
}

const isKind = (value: string, text: OwnerTexts): value is Kind => value in text.kinds;

function EventRow({ event }: { event: AuditEvent }) {
  const text = useOwnerTexts();
  const detailOf = useAuditDetail(event.kind);
  const { at, kind, actor, subject, detail, address } = event;
  const nameOf = (person: { name: string; isOwner: boolean }) =>
    person.name || (person.isOwner ? text.owner : text.guest);
  const placeOf = (from: string) => (from === BEHIND_PROXY ? text.byProxy : text.from(from));
  const unknown = kind === "signInFailed" ? text.somebody : text.server;
  const who = actor === null ? unknown : nameOf(actor);
  return (
    <li className={styles.row}>
      <div className={styles.words}>
        <span dir="auto">
          {text.kinds[kind]}
          {subject !== null && (
            <>
              : <bdi>{nameOf(subject)}</bdi>
            </>
          )}
          {detail !== null && (
            <>
              {" "}
              (<bdi>{detailOf(detail)}</bdi>)
            </>
          )}
        </span>
        <small>
          <bdi>{who}</bdi>
          {address !== null && ` · ${placeOf(address)}`}
        </small>
      </div>
      <time className={styles.side} dateTime={new Date(at).toISOString()}>
        {timeOf(at)}
      </time>
    </li>
  );
}

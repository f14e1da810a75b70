import { useMutation, usePaginatedQuery } from "convex/react";
import { useId, useState } from "react";
import { api } from "../../../convex/_generated/api";
import type { Id } from "../../../convex/_generated/dataModel";
import { reportFailure } from "../../app/failures.ts";
import { pageLocale } from "../../lib/pageLocale.ts";
import { useSignedIn, useViewerQuery } from "../../session/session.ts";
import { Button } from "../../ui/Button.tsx";
import { onEscape } from "../../ui/onEscape.ts";
import { dollars } from "../../usage/money.ts";
import { useOwnerTexts } from "../ownerTexts.ts";
import { nameOf, type Person } from "../person.ts";
import styles from "./BudgetsSection.module.css";
import { useBudgetTexts } from "./budgetTexts.ts";
import { LimitFields } from "./LimitFields.tsx";
import { sameLimit, spentOf, type Limit, type Spent } from "./limits.ts";
import { useSpent } from "./useSpent.ts";

/** People asked for at once. */
const PAGE = 25;

const NO_LIMIT: Limit = { dollars: null, tokens: null };

/** What may be spent in a month, by all, by each, by single people; and what was. */
export function BudgetsSection() {
  const text = useBudgetTexts();
  const me = useViewerQuery(api.accounts.me, {});
  const budgets = useViewerQuery(api.budgets.list, {});
  const signedIn = useSignedIn();
  const people = usePaginatedQuery(api.people.list, signedIn ? {} : "skip", { initialNumItems: PAGE });
  const { more } = useOwnerTexts();
  const spent = useSpent();
  if (budgets === undefined || people.status === "LoadingFirstPage" || me === undefined) {
    return <p className={styles.hint}>{text.loading}</p>;
  }
  const isOwner = me.role === "owner";
  const total = spent === null || spent === "failed" ? spent : sumOf([...spent.values()]);
  const { server, person } = budgets;
  return (
    <>
      <p className={styles.hint}>{text.explanation}</p>
      {!isOwner && <p className={styles.hint}>{text.ownerOnly}</p>}
      <p className={styles.total}>
        {total === null
          ? text.loading
          : total === "failed"
            ? text.failed
            : text.soFar(amounts(total, text.tokens))}
      </p>
      <GeneralForm key={JSON.stringify({ server, person })} budgets={budgets} isOwner={isOwner} />
      <h3 className={styles.heading}>{text.people}</h3>
      <ul className={styles.list}>
        {people.results.map((one) => (
          <PersonBudget
            key={one.userId}
            person={one}
            limit={budgets.people.find(({ userId }) => userId === one.userId)?.limit ?? null}
            everybodys={person}
            spent={spent === null || spent === "failed" ? null : spentOf(spent, one.userId)}
            isOwner={isOwner}
          />
        ))}
      </ul>
      {people.status === "CanLoadMore" && <Button onClick={() => people.loadMore(PAGE)}>{more}</Button>}
      {people.status === "Exhausted" && (
        <Guests people={people.results.map(({ userId }) => userId)} spent={spent} />
      )}
    </>
  );
}

const sumOf = (all: readonly Spent[]): Spent => ({
  dollars: all.reduce((sum, one) => sum + one.dollars, 0),
  tokens: all.reduce((sum, one) => sum + one.tokens, 0),
});

/** "$1.20", "$1.20 and 5,000 tokens". */
function amounts({ dollars: cost, tokens: count }: Spent, tokens: (count: string) => string): string {
  const money = dollars(cost);
  return count === 0 ? money : `${money} + ${tokens(count.toLocaleString(pageLocale()))}`;
}

type Budgets = { server: Limit; person: Limit; isStored: boolean };

/** For the whole server and for each person. */
function GeneralForm({ budgets, isOwner }: { budgets: Budgets; isOwner: boolean }) {
  const text = useBudgetTexts();
  const set = useMutation(api.budgets.set);
  const [server, setServer] = useState<Limit | null>(budgets.server);
  const [person, setPerson] = useState<Limit | null>(budgets.person);
  const isChanged = !sameLimit(server, budgets.server) || !sameLimit(person, budgets.person);
  const save = () => {
    if (server !== null && person !== null) set({ limits: { server, person } }).catch(reportFailure);
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <LimitFields label={text.server} value={budgets.server} disabled={!isOwner} onChange={setServer} />
      <LimitFields label={text.eachPerson} value={budgets.person} disabled={!isOwner} onChange={setPerson} />
      <p className={styles.hint}>{budgets.isStored ? text.setHere : text.setByEnvironment}</p>
      {isOwner && (
        <div className={styles.buttons}>
          {budgets.isStored && (
            <Button onClick={() => void set({ limits: null }).catch(reportFailure)}>{text.reset}</Button>
          )}
          <Button look="primary" type="submit" disabled={!isChanged || server === null || person === null}>
            {text.save}
          </Button>
        </div>
      )}
    </form>
  );
}

interface PersonProps {
  person: Person;
  /** Null: everybody's holds. */
  limit: Limit | null;
  everybodys: Limit;
  spent: Spent | null;
  isOwner: boolean;
}

/** One person: what they have spent, and a budget of their own. */
function PersonBudget({ person, limit, everybodys, spent, isOwner }: PersonProps) {
  const text = useBudgetTexts();
  const ownerText = useOwnerTexts();
  const set = useMutation(api.budgets.setForPerson);
  const [editing, setEditing] = useState(false);
  const [typed, setTyped] = useState<Limit | null>(null);
  const nameId = useId();
  const { userId } = person;
  const store = (next: Limit | null) => {
    set({ userId, limit: next }).then(() => setEditing(false), reportFailure);
  };
  const holds = limit ?? everybodys;
  return (
    <li className={styles.person} aria-labelledby={nameId}>
      <div className={styles.row}>
        <div className={styles.words}>
          <span id={nameId} dir="auto">
            {nameOf(person, ownerText)}
          </span>
          <small>
            {spent !== null && `${text.spent(amounts(spent, text.tokens))} · `}
            {limitText(holds, text)}
            {limit !== null && ` · ${text.own}`}
          </small>
        </div>
        {isOwner && !editing && (
          <Button aria-label={text.changeThatOf(nameOf(person, ownerText))} onClick={() => setEditing(true)}>
            {text.change}
          </Button>
        )}
      </div>
      {editing && (
        <form
          className={styles.form}
          onKeyDown={onEscape(() => setEditing(false))}
          onSubmit={(event) => {
            event.preventDefault();
            if (typed !== null) store(typed);
          }}
        >
          <LimitFields
            label={text.ownBudget}
            value={limit ?? NO_LIMIT}
            disabled={false}
            onChange={setTyped}
          />
          <div className={styles.buttons}>
            <Button onClick={() => setEditing(false)}>{text.cancel}</Button>
            {limit !== null && <Button onClick={() => store(null)}>{text.asEverybody}</Button>}
            <Button look="primary" type="submit" disabled={typed === null}>
              {text.save}
            </Button>
          </div>
        </form>
      )}
    </li>
  );
}

function limitText({ dollars: money, tokens }: Limit, text: ReturnType<typeof useBudgetTexts>): string {
  if (money === null && tokens === null) return text.noLimit;
  const parts = [
    ...(money === null ? [] : [dollars(money)]),
    ...(tokens === null ? [] : [text.tokens(tokens.toLocaleString(pageLocale()))]),
  ];
  return text.limitOf(parts.join(" + "));
}

/** What those without an account have spent, together. */
function Guests({ people, spent }: { people: readonly Id<"users">[]; spent: ReturnType<typeof useSpent> }) {
  const text = useBudgetTexts();
  if (spent === null || spent === "failed") return null;
  const others = sumOf([...spent].filter(([userId]) => !people.includes(userId)).map(([, one]) => one));
  if (others.dollars === 0 && others.tokens === 0) return null;
  return <p className={styles.hint}>{text.others(amounts(others, text.tokens))}</p>;
}

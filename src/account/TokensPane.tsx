import { useAction, useMutation } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useState } from "react";
import { api } from "../../convex/_generated/api";
import { reportFailure } from "../app/failures.ts";
import { copyText } from "../lib/copyText.ts";
import { pageLocale } from "../lib/pageLocale.ts";
import { useViewerQuery } from "../session/session.ts";
import { Button } from "../ui/Button.tsx";
import { showToast } from "../ui/toasts.ts";
import styles from "./Account.module.css";
import { EntryForm, Field, Select } from "./EntryForm.tsx";
import { useTokenTexts } from "./tokenTexts.ts";

type Token = FunctionReturnType<typeof api.apiTokens.list>[number];
type Open = { kind: "nothing" } | { kind: "making" } | { kind: "made"; token: string };

/** Tokens for one's scripts: made, shown once, revoked. A guest has none. */
export function TokensPane() {
  const text = useTokenTexts();
  const me = useViewerQuery(api.accounts.me, {});
  const tokens = useViewerQuery(api.apiTokens.list, {});
  const [open, setOpen] = useState<Open>({ kind: "nothing" });
  const make = useAction(api.apiTokens.make);
  if (me === undefined || me.role === "guest" || tokens === undefined) return null;
  const close = () => setOpen({ kind: "nothing" });
  return (
    <section className={styles.pane} aria-label={text.tokens}>
      <h3 className={styles.head}>{text.tokens}</h3>
      <p className={styles.words}>{text.hint}</p>
      {tokens.length > 0 && (
        <ul className={styles.list}>
          {tokens.map((token) => (
            <TokenRow key={token._id} token={token} />
          ))}
        </ul>
      )}
      {open.kind === "nothing" && (
        <div className={styles.buttons}>
          <Button onClick={() => setOpen({ kind: "making" })}>{text.make}</Button>
        </div>
      )}
      {open.kind === "making" && (
        <EntryForm
          action={text.make}
          onCancel={close}
          submit={async (entered) => {
            const days = entered("days");
            const token = await make({ name: entered("name"), days: days === "" ? null : Number(days) });
            setOpen({ kind: "made", token });
          }}
        >
          <Field name="name" label={text.name} maxLength={100} autoComplete="off" />
          <Select name="days" label={text.lasts} choices={text.lasting} />
        </EntryForm>
      )}
      {open.kind === "made" && <NewToken token={open.token} onDone={close} />}
    </section>
  );
}

function TokenRow({ token: { _id, name, hint, expiresAt, lastUsedAt } }: { token: Token }) {
  const text = useTokenTexts();
  const revoke = useMutation(api.apiTokens.revoke);
  const [now] = useState(Date.now);
  const day = new Intl.DateTimeFormat(pageLocale(), { dateStyle: "medium" });
  const facts = [
    `${hint}…`,
    lastUsedAt === null ? text.neverUsed : text.lastUsed(day.format(lastUsedAt)),
    ...(expiresAt === null ? [] : [expiresAt <= now ? text.ended : text.until(day.format(expiresAt))]),
  ];
  return (
    <li className={styles.device}>
      <span>
        <bdi>{name}</bdi>
        <small>{facts.join(" · ")}</small>
      </span>
      <Button
        aria-label={text.revokeOne(name)}
        onClick={() => void revoke({ tokenId: _id }).catch(reportFailure)}
      >
        {text.revoke}
      </Button>
    </li>
  );
}

function NewToken({ token, onDone }: { token: string; onDone: () => void }) {
  const text = useTokenTexts();
  const copy = async () => {
    await copyText(token);
    showToast({ tone: "info", message: text.copied });
  };
  return (
    <>
      <Field
        label={text.token}
        hint={text.shownOnce}
        value={token}
        readOnly
        onFocus={(event) => event.currentTarget.select()}
      />
      <div className={styles.buttons}>
        <Button onClick={() => void copy().catch(reportFailure)}>{text.copy}</Button>
        <Button look="primary" onClick={onDone}>
          {text.done}
        </Button>
      </div>
    </>
  );
}

import { useAuthActions } from "@convex-dev/auth/react";
import { useQuery } from "convex/react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { api } from "../../convex/_generated/api";
import { navigate } from "../app/route.ts";
import { noteSession } from "../session/lastSession.ts";
import { Button } from "../ui/Button.tsx";
import { Wordmark } from "../ui/Wordmark.tsx";
import styles from "./Account.module.css";
import { EntryForm, Field, NewAccountFields, NewPasswordField } from "./EntryForm.tsx";
import { linkOfPage } from "./links.ts";
import { OtherWay, ProviderButton } from "./ProviderButton.tsx";
import { ProviderReturn } from "./ProviderReturn.tsx";
import { isProviderReturn, useLeaveForProvider } from "./providerTrip.ts";
import { useAccountText } from "./texts.ts";

/** What is shown of the ways in. */
type View = "signIn" | "signUp" | "setUpByProvider";

/** The page of who has to say who they are: set-up, an invitation, a new password, or signing in. The address stays, so that one goes on there. */
export function DoorPage({
  hasEnded,
  goOnAsGuest,
  onDone,
}: {
  hasEnded: boolean;
  goOnAsGuest: (() => void) | null;
  onDone: () => void;
}) {
  const text = useAccountText();
  const { signIn } = useAuthActions();
  const leave = useLeaveForProvider();
  const door = useQuery(api.accounts.door);
  const [link] = useState(linkOfPage);
  const [view, setView] = useState<View>("signIn");
  const [isBack, setBack] = useState(isProviderReturn);
  if (isBack)
    return (
      <Card title={text.signIn}>
        <ProviderReturn onGiveUp={() => setBack(false)} />
      </Card>
    );
  if (door === undefined) return <Card title="Verbatim" words={text.wait} />;

  const enter = async (params: Parameters<typeof signIn>[1]) => {
    await signIn("password", params);
    noteSession("account");
    if (link !== null) navigate({ kind: "newChat" }, "replace");
    onDone();
  };
  const register = (right: Record<string, string>) => (entered: (name: string) => string) =>
    enter({
      ...{ flow: "register", right, name: entered("name") },
      ...{ login: entered("login"), password: entered("password") },
    });

  const asGuest = goOnAsGuest !== null && <Button onClick={goOnAsGuest}>{text.goOnAsGuest}</Button>;
  if (link?.kind === "reset")
    return (
      <Card title={text.reset} words={text.resetHint}>
        <EntryForm
          action={text.save}
          submit={(entered) => enter({ flow: "reset", secret: link.secret, password: entered("password") })}
        >
          <NewPasswordField />
        </EntryForm>
      </Card>
    );
  if (link?.kind === "join")
    return (
      <Card title={text.join} words={text.joinHint}>
        <EntryForm action={text.makeAccount} submit={register({ kind: "invitation", secret: link.secret })}>
          <NewAccountFields />
        </EntryForm>
        <ProviderButton door={door} right={{ kind: "invitation", secret: link.secret }} />
      </Card>
    );
  if (door.kind === "machine") return <Card title={text.elsewhere} words={text.elsewhereHint} />;
  if (door.needsOwner && view === "setUpByProvider" && door.provider !== null)
    return (
      <Card title={text.setUp} words={text.setUpHint}>
        <EntryForm
          action={text.continueWith(door.provider)}
          submit={(entered) => leave({ kind: "setUp", code: entered("code") })}
          onCancel={() => setView("signIn")}
        >
          <Field name="code" label={text.code} autoComplete="one-time-code" autoCapitalize="characters" />
        </EntryForm>
      </Card>
    );
  if (door.needsOwner)
    return (
      <Card title={text.setUp} words={text.setUpHint}>
        <EntryForm
          action={text.makeAccount}
          submit={(entered) => register({ kind: "setUp", code: entered("code") })(entered)}
        >
          <Field name="code" label={text.code} autoComplete="one-time-code" autoCapitalize="characters" />
          <NewAccountFields />
        </EntryForm>
        {door.provider !== null && (
          <OtherWay>
            <Button onClick={() => setView("setUpByProvider")}>{text.continueWith(door.provider)}</Button>
          </OtherWay>
        )}
        {asGuest}
      </Card>
    );
  if (view === "signUp" && door.signUp)
    return (
      <Card title={text.makeAccount} words={text.signUpHint}>
        <EntryForm
          action={text.makeAccount}
          submit={register({ kind: "signUp" })}
          onCancel={() => setView("signIn")}
        >
          <NewAccountFields />
        </EntryForm>
        <ProviderButton door={door} right={{ kind: "signUp" }} />
      </Card>
    );
  return (
    <Card title={text.signIn} words={hasEnded ? text.sessionEnded : text.signInHint}>
      <EntryForm
        action={text.signIn}
        submit={(entered) =>
          enter({ flow: "signIn", login: entered("login"), password: entered("password") })
        }
      >
        <Field name="login" label={text.login} autoComplete="username" autoCapitalize="none" />
        <Field name="password" type="password" label={text.password} autoComplete="current-password" />
      </EntryForm>
      <ProviderButton door={door} right={null} />
      {door.signUp && <Button onClick={() => setView("signUp")}>{text.makeAccount}</Button>}
      {asGuest}
      <p className={styles.hint}>{text.forgotten}</p>
    </Card>
  );
}

function Card({ title, words, children }: { title: string; words?: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [title]);
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <Wordmark />
        <h1 ref={heading} tabIndex={-1} className={styles.title}>
          {title}
        </h1>
        {words !== undefined && <p className={styles.words}>{words}</p>}
        {children}
      </div>
    </main>
  );
}

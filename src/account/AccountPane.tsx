import { useAuthActions } from "@convex-dev/auth/react";
import { useAction, useQuery } from "convex/react";
import { useState } from "react";
import { api } from "../../convex/_generated/api";
import { reportFailure } from "../app/failures.ts";
import { closeOverlay } from "../app/overlays.ts";
import { navigate } from "../app/route.ts";
import { noteSession } from "../session/lastSession.ts";
import { useViewerQuery } from "../session/session.ts";
import { Button } from "../ui/Button.tsx";
import { showToast } from "../ui/toasts.ts";
import styles from "./Account.module.css";
import { EntryForm, Field, NewAccountFields, NewPasswordField } from "./EntryForm.tsx";
import { joinAddress, secretOf } from "./links.ts";
import { useLeaveForProvider } from "./providerTrip.ts";
import { useAccountText } from "./texts.ts";

type Open = "nothing" | "makeAccount" | "signIn" | "changePassword" | "invite";

/** Who one is here: in the settings. */
export function AccountPane() {
  const text = useAccountText();
  const me = useViewerQuery(api.accounts.me, {});
  const door = useQuery(api.accounts.door);
  const [open, setOpen] = useState<Open>("nothing");
  const { signOut } = useAuthActions();
  const close = () => setOpen("nothing");
  const leave = useLeaveForProvider();
  if (me === undefined || door === undefined) return null;
  const isOwnMachine = me.login === null && me.role === "owner";
  const words =
    me.role === "guest"
      ? text.guest
      : isOwnMachine
        ? text.machine
        : `${text.signedInAs(me.name ?? me.login ?? "")} · ${text.roles[me.role]}`;
  return (
    <section className={styles.pane} aria-label={text.account}>
      <h3 className={styles.head}>{text.account}</h3>
      <p className={styles.words}>{words}</p>
      {open === "makeAccount" && (
        <MakeAccount
          isOwnMachine={isOwnMachine}
          needsOwner={door.needsOwner}
          signUp={door.signUp}
          onEnd={close}
        />
      )}
      {open === "signIn" && <SignIn onEnd={close} />}
      {open === "changePassword" && <ChangePassword onEnd={close} />}
      {open === "invite" && <Invite onEnd={close} />}
      {open === "nothing" && (
        <div className={styles.buttons}>
          {(me.role === "guest" || isOwnMachine) && (
            <Button onClick={() => setOpen("makeAccount")}>
              {isOwnMachine ? text.setPassword : text.makeAccount}
            </Button>
          )}
          {me.role === "guest" && !door.needsOwner && (
            <Button onClick={() => setOpen("signIn")}>{text.haveAccount}</Button>
          )}
          {(me.role === "owner" || me.role === "admin") && (
            <Button
              onClick={() => {
                closeOverlay();
                navigate({ kind: "owner", section: "" });
              }}
            >
              {text.manage}
            </Button>
          )}
          {door.provider !== null && me.role === "guest" && !door.needsOwner && (
            <Button onClick={() => void leave(null).catch(reportFailure)}>
              {text.continueWith(door.provider)}
            </Button>
          )}
          {door.provider !== null && me.role !== "guest" && !me.isConnected && (
            <Button onClick={() => void leave({ kind: "own" }).catch(reportFailure)}>
              {text.connect(door.provider)}
            </Button>
          )}
          {me.login !== null && (
            <>
              {(me.role === "owner" || me.role === "admin") && (
                <Button onClick={() => setOpen("invite")}>{text.invite}</Button>
              )}
              {me.hasPassword && (
                <Button onClick={() => setOpen("changePassword")}>{text.changePassword}</Button>
              )}
              <Button onClick={() => void signOut()}>{text.signOut}</Button>
            </>
          )}
        </div>
      )}
    </section>
  );
}

/** A guest gets an account, or a machine's owner a password; this page's session goes on. */
function MakeAccount({
  isOwnMachine,
  needsOwner,
  signUp,
  onEnd,
}: {
  isOwnMachine: boolean;
  needsOwner: boolean;
  signUp: boolean;
  onEnd: () => void;
}) {
  const text = useAccountText();
  const makeAccount = useAction(api.accounts.makeAccount);
  const rightOf = (entered: (name: string) => string) => {
    if (isOwnMachine) return { kind: "own" } as const;
    if (needsOwner) return { kind: "setUp", code: entered("code") } as const;
    return signUp
      ? ({ kind: "signUp" } as const)
      : ({ kind: "invitation", secret: secretOf(entered("invitation")) } as const);
  };
  return (
    <EntryForm
      action={isOwnMachine ? text.setPassword : text.makeAccount}
      onCancel={onEnd}
      submit={async (entered) => {
        const account = { name: entered("name"), login: entered("login"), password: entered("password") };
        await makeAccount({ right: rightOf(entered), ...account });
        noteSession("account");
        onEnd();
      }}
    >
      {!isOwnMachine && needsOwner && <Field name="code" label={text.code} hint={text.setUpHint} />}
      {!isOwnMachine && !needsOwner && !signUp && <Field name="invitation" label={text.invitation} />}
      <NewAccountFields />
    </EntryForm>
  );
}

/** What a guest has written comes along. */
function SignIn({ onEnd }: { onEnd: () => void }) {
  const text = useAccountText();
  const { signIn } = useAuthActions();
  return (
    <EntryForm
      action={text.signIn}
      onCancel={onEnd}
      submit={async (entered) => {
        const params = { flow: "signIn", login: entered("login"), password: entered("password") };
        await signIn("password", params);
        noteSession("account");
        onEnd();
      }}
    >
      <Field name="login" label={text.login} autoComplete="username" autoCapitalize="none" />
      <Field name="password" type="password" label={text.password} autoComplete="current-password" />
    </EntryForm>
  );
}

function ChangePassword({ onEnd }: { onEnd: () => void }) {
  const text = useAccountText();
  const changePassword = useAction(api.accounts.changePassword);
  return (
    <EntryForm
      action={text.save}
      onCancel={onEnd}
      submit={async (entered) => {
        await changePassword({ current: entered("current"), password: entered("password") });
        showToast({ tone: "info", message: text.changed });
        onEnd();
      }}
    >
      <Field name="current" type="password" label={text.currentPassword} autoComplete="current-password" />
      <NewPasswordField />
    </EntryForm>
  );
}

/** Makes the link at once: it is shown this time only. */
function Invite({ onEnd }: { onEnd: () => void }) {
  const text = useAccountText();
  const invite = useAction(api.accounts.invite);
  const [address, setAddress] = useState<string | null>(null);
  return address === null ? (
    <EntryForm
      action={text.invite}
      onCancel={onEnd}
      submit={async () => setAddress(joinAddress(await invite({ role: "member" })))}
    >
      <p className={styles.words}>{text.inviteHint}</p>
    </EntryForm>
  ) : (
    <>
      <Field
        label={text.link}
        hint={text.inviteHint}
        value={address}
        readOnly
        onFocus={(event) => event.currentTarget.select()}
      />
      <div className={styles.buttons}>
        <Button onClick={onEnd}>{text.cancel}</Button>
      </div>
    </>
  );
}

import { useEffect, useId, useRef, useState, type ComponentProps, type SubmitEvent } from "react";
import { failureData } from "../../convex/shared/errors";
import { failureText } from "../app/failures.ts";
import { Button } from "../ui/Button.tsx";
import styles from "./Account.module.css";
import { retryInLine } from "./retryInLine.ts";
import { useAccountText } from "./texts.ts";

/**
 * A form that sends once at a time, and says what became of it. While many people sign in it waits for its turn by itself.
 * `submit` gets what was entered, by the fields' names.
 */
export function EntryForm({
  action,
  look = "primary",
  submit,
  onCancel,
  children,
}: {
  action: string;
  look?: "primary" | "plain";
  submit: (entered: (name: string) => string) => Promise<void>;
  onCancel?: () => void;
  children?: React.ReactNode;
}) {
  const text = useAccountText();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const sending = useRef<AbortController | null>(null);
  useEffect(() => () => sending.current?.abort(), []);
  const errors: Partial<Record<string, string>> = text.errors;
  const send = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isBusy) return;
    const data = new FormData(event.currentTarget);
    const { signal } = (sending.current = new AbortController());
    setBusy(true);
    setProblem(null);
    try {
      const entered = (name: string) => {
        const value = data.get(name);
        return typeof value === "string" ? value : "";
      };
      await retryInLine(
        () => submit(entered),
        (error) => setProblem(failureText(error)),
        signal,
      );
    } catch (error) {
      setProblem(errors[failureData(error)?.code ?? ""] ?? failureText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void send(event)}>
      {children}
      <p role="alert" className={styles.problem}>
        {problem}
      </p>
      <div className={styles.buttons}>
        {onCancel && <Button onClick={onCancel}>{text.cancel}</Button>}
        <Button type="submit" look={look} disabled={isBusy}>
          {isBusy ? text.wait : action}
        </Button>
      </div>
    </form>
  );
}

/** One line to fill in. */
export function Field({ label, hint, ...rest }: { label: string; hint?: string } & ComponentProps<"input">) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        required
        className={styles.input}
        {...(hint !== undefined && { "aria-describedby": `${id}-hint` })}
        {...rest}
      />
      {hint !== undefined && (
        <span id={`${id}-hint`} className={styles.hint}>
          {hint}
        </span>
      )}
    </div>
  );
}

/** One of a few, by their values; the first is chosen. */
export function Select({
  name,
  label,
  choices,
}: {
  name: string;
  label: string;
  choices: Readonly<Record<string, string>>;
}) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} className={styles.select}>
        {Object.entries(choices).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What every new account needs. */
export function NewAccountFields() {
  const text = useAccountText();
  return (
    <>
      <Field name="name" label={text.name} autoComplete="name" maxLength={100} />
      <Field name="login" label={text.login} autoComplete="username" autoCapitalize="none" maxLength={200} />
      <NewPasswordField />
    </>
  );
}

export function NewPasswordField() {
  const text = useAccountText();
  return (
    <Field
      name="password"
      type="password"
      label={text.newPassword}
      hint={text.passwordHint}
      autoComplete="new-password"
      minLength={10}
      maxLength={500}
    />
  );
}

import type { ChatTask } from "../chat/types.ts";
import styles from "../composer/Notice.module.css";
import { useToolChoice } from "../composer/useToolChoice.ts";
import { useToolTexts } from "../i18n/toolTexts.ts";
import { SignInButton } from "./SignInButton.tsx";

/** Said where a chat is to use tools of a server that the person is not signed in to, or not any more. */
export function SignInNotice({ task }: { task: ChatTask | null }) {
  const text = useToolTexts();
  const { offered, chosen } = useToolChoice(task);
  const waiting = offered.filter(
    ({ id, signIn }) => chosen.includes(id) && (signIn === "needed" || signIn === "again"),
  );
  return waiting.map(({ id, name, signIn }) => (
    <div key={id} className={styles.notice} role="status">
      <p>{signIn === "again" ? text.signInEnded(name) : text.signInNeeded(name)}</p>
      <div className={styles.buttons}>
        <SignInButton server={name} again={signIn === "again"} look="primary" />
      </div>
    </div>
  ));
}

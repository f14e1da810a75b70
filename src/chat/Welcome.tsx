import { draftKeyOf } from "../composer/draftKeys.ts";
import { setDraftText } from "../composer/draftStore.ts";
import { focusComposer } from "../composer/focusComposer.ts";
import { useText } from "../i18n/catalogue.ts";
import styles from "./Welcome.module.css";

/** An empty chat: a greeting, and a few openings that put their words into the composer. */
export function Welcome() {
  const text = useText();
  const begin = (prompt: string) => {
    setDraftText(draftKeyOf(null), prompt);
    focusComposer();
  };
  return (
    <div className={styles.welcome}>
      <h2 className={styles.greeting}>{text.greeting}</h2>
      <p className={styles.hint}>{text.greetingHint}</p>
      <ul className={styles.suggestions}>
        {text.suggestions.map(({ title, prompt }) => (
          <li key={title}>
            <button type="button" className={styles.suggestion} onClick={() => begin(prompt)}>
              <strong>{title}</strong>
              <span>{prompt}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

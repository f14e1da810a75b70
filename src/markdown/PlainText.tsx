import styles from "./Markdown.module.css";

export const PlainText = ({ text }: { text: string }) => (
  <div className={styles.markdown} dir="auto">
    <p className={styles.plain}>{text}</p>
  </div>
);

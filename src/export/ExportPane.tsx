import { useConvex } from "convex/react";
import { useEffect, useRef, useState } from "react";
import styles from "../account/Account.module.css";
import { reportFailure } from "../app/failures.ts";
import { dateFormats } from "../lib/dateFormats.ts";
import { pageLocale } from "../lib/pageLocale.ts";
import { Button } from "../ui/Button.tsx";
import { showToast } from "../ui/toasts.ts";
import { useExportTexts } from "./exportTexts.ts";
import { jsonWriter, markdownWriter, type ExportFormat } from "./formats.ts";
import { saveFile } from "./saveFile.ts";
import { writeExport } from "./writeExport.ts";

const FORMATS: readonly ExportFormat[] = ["JSON", "Markdown"];

/** A person takes their chats away, as a file. It is read while the settings are open. */
export function ExportPane() {
  const text = useExportTexts();
  const convex = useConvex();
  const [progress, setProgress] = useState<{ chats: number; of: number } | "starting" | null>(null);
  const running = useRef<AbortController>(null);
  useEffect(() => () => running.current?.abort(), []);

  const download = async (format: ExportFormat) => {
    const abort = new AbortController();
    running.current = abort;
    setProgress("starting");
    const writer =
      format === "JSON" ? jsonWriter() : markdownWriter(text, (ms) => dateFormats().day.format(ms));
    const onProgress = (chats: number, of: number) => setProgress({ chats, of });
    try {
      const { signal } = abort;
      const { file, chats } = await writeExport(convex, { format, writer, signal }, onProgress);
      saveFile(file, `verbatim-chats-${new Date().toISOString().slice(0, 10)}.${writer.extension}`);
      showToast({ tone: "info", message: text.done(chats) });
    } catch (error) {
      if (!abort.signal.aborted) reportFailure(error);
    }
    setProgress(null);
  };

  const count = (value: number) => value.toLocaleString(pageLocale());
  return (
    <section className={styles.pane} aria-label={text.title}>
      <h3 className={styles.head}>{text.title}</h3>
      <p className={styles.words} role={progress === null ? undefined : "status"}>
        {progress === null
          ? text.hint
          : progress === "starting"
            ? text.starting
            : text.reading(count(progress.chats), count(progress.of))}
      </p>
      <div className={styles.buttons}>
        {progress === null ? (
          FORMATS.map((format) => (
            <Button key={format} onClick={() => void download(format)}>
              {text.download(format)}
            </Button>
          ))
        ) : (
          <Button onClick={() => running.current?.abort()}>{text.cancel}</Button>
        )}
      </div>
    </section>
  );
}

import { Paperclip } from "lucide-react";
import { useRef } from "react";
import { useText } from "../i18n/catalogue.ts";
import { IconButton } from "../ui/IconButton.tsx";

/** Opens the system's choice of files. Nothing is left out there: what a file is, its bytes tell better than its name. */
export function AttachButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  const text = useText();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton label={text.files.attach} onClick={() => input.current?.click()}>
        <Paperclip size={18} />
      </IconButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={text.files.attach}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          // The same file can be chosen again.
          currentTarget.value = "";
        }}
      />
    </>
  );
}

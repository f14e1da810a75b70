import { memo, Suspense } from "react";
import { ConnectionNote } from "../app/ConnectionState.tsx";
import type { ChatTask } from "../chat/types.ts";
import { AttachButton } from "../files/AttachButton.tsx";
import { ErrorBoundary } from "../ui/ErrorBoundary.tsx";
import { lazyPart } from "../ui/lazyPart.ts";
import { ModelPicker } from "./ModelPicker.tsx";
import { useModelChoice } from "./useModelChoice.ts";

const ToolPicker = lazyPart(async () => (await import("./ToolPicker.tsx")).ToolPicker);
const ReplySettings = lazyPart(async () => (await import("./ReplySettings.tsx")).ReplySettings);
const SignInNotice = lazyPart(async () => (await import("../tools/SignInNotice.tsx")).SignInNotice);
const BudgetNote = lazyPart(async () => (await import("../usage/BudgetNote.tsx")).BudgetNote);

/** What is said above the field. No key press renders it. */
export const ComposerNotes = memo(function ComposerNotes({ task }: { task: ChatTask | null }) {
  return (
    <>
      <ErrorBoundary fallback={null}>
        <Suspense fallback={null}>
          <SignInNotice task={task} />
        </Suspense>
      </ErrorBoundary>
      <ConnectionNote />
      <ErrorBoundary fallback={null}>
        <Suspense fallback={null}>
          <BudgetNote />
        </Suspense>
      </ErrorBoundary>
    </>
  );
});

/** What is chosen below the field: files, tools, the model and its settings. No key press renders it. */
export const ComposerChoices = memo(function ComposerChoices({
  task,
  onFiles,
}: {
  task: ChatTask | null;
  onFiles: (files: File[]) => void;
}) {
  const choice = useModelChoice(task);
  return (
    <>
      <AttachButton onFiles={onFiles} />
      <ErrorBoundary fallback={null}>
        <Suspense fallback={null}>
          <ToolPicker task={task} />
        </Suspense>
      </ErrorBoundary>
      <ModelPicker choice={choice} />
      <ErrorBoundary fallback={null}>
        <Suspense fallback={null}>
          <ReplySettings task={task} choice={choice} />
        </Suspense>
      </ErrorBoundary>
    </>
  );
});

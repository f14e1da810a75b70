import { filesOf } from "../../convex/shared/parts";
import type { Message } from "../chat/types.ts";
import type { Attachment } from "./draftFiles.ts";

/** The files of a prompt as `messages.list` shows it. */
export function attachmentsOf({ parts }: Pick<Message, "parts">): Attachment[] {
  return filesOf(parts).flatMap(({ attachmentId: _id, filename = "", mediaType, size = 0, url = null }) =>
    _id === undefined ? [] : { _id, filename, mediaType, size, url },
  );
}

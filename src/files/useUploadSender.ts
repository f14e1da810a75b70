import { useConvex } from "convex/react";
import { useEffect } from "react";
import { useStore } from "../lib/store.ts";
import { useSignedIn } from "../session/session.ts";
import { loadUploader, uploadsStore } from "./uploads.ts";

/** Carries uploads to the server while there is a session. Runs once, beside the page: they go on whatever chat is on the screen. */
export function useUploadSender() {
  const convex = useConvex();
  const signedIn = useSignedIn();
  const uploads = useStore(uploadsStore);
  useEffect(() => {
    if (!signedIn || uploads.length === 0) return;
    // It was loaded to make them.
    void loadUploader().then(({ carryUploads }) => carryUploads(convex));
  }, [convex, signedIn, uploads]);
}

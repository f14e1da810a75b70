import { expect, test } from "vitest";
import { SnapshotReader } from "../../../embedded/admin/snapshot/snapshotReader.ts";
import { serve } from "../served/backend.ts";

const read = async (reader: SnapshotReader, table: string): Promise<unknown[]> => {
  const documents: unknown[] = [];
  for await (const text of reader.documents("", table))
    documents.push((JSON.parse(text) as { n: unknown }).n);
  return documents.sort();
};

test("[E19.9] an export is of one moment, whatever is written, changed and deleted while it is read", async () => {
  const { engine } = await serve();
  const count = 1000;
  const ids = await engine.transact((tx) =>
    Array.from({ length: count }, (_, n) => tx.insert("", "numbers", { n: String(n).padStart(4, "0") })),
  );
  const expected = Array.from({ length: count }, (_, n) => String(n).padStart(4, "0"));
  const reader = await SnapshotReader.open(engine, [""]);
  const documents: unknown[] = [];
  let round = 0;
  for await (const text of reader.documents("", "numbers")) {
    documents.push((JSON.parse(text) as { n: unknown }).n);
    // Between any two documents others write: behind the reader and before it.
    if (documents.length % 100 !== 0) continue;
    await engine.transact((tx) => {
      for (let place = round; place < count; place += 20) {
        const id = ids[place] as string;
        if (tx.get("", id) === null) continue;
        if (place % 2 === 0) tx.delete("", id);
        else tx.patch("", id, { n: "changed" });
      }
      tx.insert("", "numbers", { n: "new" });
    });
    round += 1;
  }
  expect(documents.sort()).toEqual(expected);
  // A table that is read later is of the same moment, too.
  await engine.transact((tx) => tx.insert("", "messages", { channel: "a", text: "late" }));
  expect(await read(reader, "messages")).toEqual([]);
  reader.close();
});

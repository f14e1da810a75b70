/** `npm run durability`: the durability test with as many kills as asked for, 200 by default. */
import { buildTestPrograms } from "../tests/faults/globalSetup.ts";
import { measureDurability } from "../tests/faults/durability.ts";

const kills = Number(process.argv[2] ?? 200);
await buildTestPrograms();
const result = await measureDurability(kills, (round) => {
  if (round % 20 === 0) console.log(`${round} of ${kills}`);
});
console.log(result);
process.exitCode = result.lost + result.doubled > 0 ? 1 : 0;

// Names every test that failed in vitest's JSON reports, each with its first lines, and adds them up: `N passed, N
// failed`. It comes last, so that the end of a log says what to mend. A report that is missing counts as a failure.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const linesShown = 12;

let passed = 0;
let failed = 0;

function name(what, message) {
  console.log(`::: FAILED: ${what}`);
  for (const line of (message ?? "").split("\n").slice(0, linesShown)) console.log(`      ${line}`);
}

for (const file of process.argv.slice(2)) {
  try {
    const report = JSON.parse(readFileSync(file, "utf8"));
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    for (const suite of report.testResults) {
      const path = relative(process.cwd(), suite.name);
      const tests = suite.assertionResults.filter(({ status }) => status === "failed");
      for (const test of tests) name(`${path} > ${test.fullName}`, test.failureMessages[0]);
      if (suite.status === "failed" && tests.length === 0) name(path, suite.message);
    }
    // A file that could not even be loaded has no tests to fail, and an error outside tests fails the run as well.
    if (!report.success && report.numFailedTests === 0) failed += Math.max(1, report.numFailedTestSuites);
  } catch (error) {
    name(file, error.message);
    failed += 1;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

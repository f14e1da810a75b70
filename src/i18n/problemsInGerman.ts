import type { ChatSettings } from "../../convex/shared/chatSettings";
import { settingsOf, type Problem, type ProblemWords } from "../../convex/shared/problems";

const again = (when: string | null): string =>
  when === null ? "Versuchen Sie es gleich noch einmal." : `Versuchen Sie es ${when} noch einmal.`;

const atAddress = ({ address }: Problem): string =>
  address === undefined ? "unter seiner Adresse" : `unter ${address}`;

/** „13.000“. */
const rounded = (tokens: number): string => Number(tokens.toPrecision(2)).toLocaleString("de");

/** „60 Sekunden“, „5 Minuten“. */
function duration(ms = 0): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  const isMinutes = seconds > 90 && seconds % 30 === 0;
  const amount = isMinutes ? seconds / 60 : seconds;
  const unit = isMinutes ? "Minute" : "Sekunde";
  return `${amount.toLocaleString("de")} ${unit}${amount === 1 ? "" : "n"}`;
}

const onPage = (id: string): string => `„${id}“ unter „Dieser Server“, „Anbieter“`;

function thoseThere(problem: Problem): string {
  const { models = [], moreModels = 0 } = problem;
  const { model } = settingsOf(problem, onPage);
  if (models.length === 0) return `Wählen Sie ein anderes Modell, oder setzen Sie ${model}.`;
  const more = moreModels === 0 ? "" : ` und ${moreModels} weitere`;
  const choose = models.length + moreModels === 1 ? "Wählen Sie dieses" : "Wählen Sie eines davon";
  return `Es gibt dort ${models.join(", ")}${more}. ${choose}, oder setzen Sie ${model}.`;
}

const SETTINGS: Record<keyof ChatSettings, string> = {
  effort: "der Denkaufwand",
  temperature: "die Temperatur",
  topP: "Top-p",
  maxOutputTokens: "die längste Antwort",
};

/** Why an answer did not come to its own end, in German. */
export const problemsInGerman: ProblemWords = {
  key: {
    what: () => "Der Modellserver hat den Schlüssel abgelehnt",
    todo: (problem) => `Prüfen Sie ${settingsOf(problem, onPage).key}.`,
  },
  keyLost: {
    what: ({ provider = "diesen Anbieter" }) => `Der Schlüssel für ${provider} ist nicht mehr lesbar`,
    todo: (problem) => `Geben Sie ihn neu ein: ${settingsOf(problem, onPage).key}.`,
  },
  credit: {
    what: () => "Das Guthaben beim Anbieter des Modells ist aufgebraucht",
    todo: () => "Laden Sie es dort auf, oder wählen Sie ein anderes Modell.",
  },
  forbidden: {
    what: () => "Der Modellserver erlaubt diese Anfrage nicht",
    todo: () => "Prüfen Sie, was der Schlüssel darf und von wo.",
  },
  modelMissing: {
    what: ({ model }) =>
      model === undefined
        ? "Der Modellserver hat dieses Modell nicht"
        : `Der Modellserver hat das Modell ${model} nicht`,
    todo: thoseThere,
  },
  noModels: {
    what: (problem) => `Der Modellserver ${atAddress(problem)} hat kein Modell, das chatten kann`,
    todo: (problem) =>
      `Installieren oder laden Sie dort eines, oder setzen Sie ${settingsOf(problem, onPage).model}.`,
  },
  noDeployments: {
    what: () => "Azure nennt keine Deployments",
    todo: (problem) => `Tragen Sie Ihre bei ${settingsOf(problem, onPage).model} ein.`,
  },
  contextTooLong: {
    what: () => "Der Chat ist länger, als das Modell lesen kann",
    todo: () =>
      "Beginnen Sie einen neuen Chat, senden Sie weniger, oder vergrößern Sie die Kontextlänge am Server.",
  },
  budget: {
    what: () => "Der Rest Ihres Budgets für diesen Monat reicht für diese Antwort nicht",
    todo: () =>
      "Wählen Sie ein günstigeres Modell, beginnen Sie einen neuen Chat, der weniger sendet, oder warten Sie den nächsten Monat ab.",
  },
  serverBudget: {
    what: () => "Der Rest des Budgets dieses Servers für diesen Monat reicht für diese Antwort nicht",
    todo: () =>
      "Wählen Sie ein günstigeres Modell, fragen Sie einen Admin, oder warten Sie den nächsten Monat ab.",
  },
  promptTooLong: {
    what: ({ tokens = 0, contextLength = 0 }) =>
      `Die Nachricht hat mit ihren Dateien etwa ${rounded(tokens)} Tokens, und das Modell liest ${rounded(contextLength)}`,
    todo: () => "Kürzen Sie sie, hängen Sie weniger an, oder wählen Sie ein Modell mit längerem Kontext.",
  },
  tooLarge: {
    what: () => "Die Nachricht oder ihre Dateien sind zu groß für den Modellserver",
    todo: () => "Senden Sie weniger oder kleinere Dateien.",
  },
  rateLimit: {
    what: () => "Der Modellserver bekommt zu viele Anfragen, oder das Kontingent ist aufgebraucht",
    todo: (_problem, when) => again(when),
  },
  loading: {
    what: () => "Der Modellserver lädt das Modell noch",
    todo: (_problem, when) => again(when),
  },
  flagged: {
    what: () => "Der Anbieter des Modells nimmt die Nachricht nicht an",
    todo: () => "Formulieren Sie sie anders.",
  },
  tools: {
    what: () => "Das Modell kann keine Werkzeuge verwenden",
    todo: () => "Schalten Sie die Werkzeuge dieses Chats aus, oder wählen Sie ein anderes Modell.",
  },
  images: {
    what: () => "Das Modell liest keine Bilder",
    todo: () => "Senden Sie die Nachricht ohne sie, oder wählen Sie ein anderes Modell.",
  },
  setting: {
    what: ({ setting = "effort" }) =>
      `Das Modell nimmt eine Einstellung dieses Chats nicht an: ${SETTINGS[setting]}`,
    todo: () => "Setzen Sie in den Chat-Einstellungen wieder die Vorgabe des Modells.",
  },
  ownKey: {
    what: ({ provider = "Der Anbieter" }) => `${provider} hat Ihren API-Schlüssel abgelehnt`,
    todo: () => "Prüfen Sie ihn in den Einstellungen unter „Ihre Schlüssel“.",
  },
  ownKeyLost: {
    what: ({ provider = "diesen Anbieter" }) =>
      `Ihr Schlüssel für ${provider} kann nicht mehr gelesen werden`,
    todo: () => "Hinterlegen Sie ihn in den Einstellungen unter „Ihre Schlüssel“ neu.",
  },
  ownKeyMissing: {
    what: ({ provider = "Dieser Anbieter" }) => `${provider} braucht einen eigenen API-Schlüssel von Ihnen`,
    todo: () =>
      "Hinterlegen Sie einen in den Einstellungen unter „Ihre Schlüssel“, oder wählen Sie ein anderes Modell.",
  },
  badRequest: {
    what: () => "Der Modellserver hat die Anfrage abgelehnt",
    todo: () => "",
  },
  serverDown: {
    what: (problem) => `Kein Modellserver antwortet ${atAddress(problem)}`,
    todo: (problem) => `Starten Sie ihn, oder prüfen Sie ${settingsOf(problem, onPage).address}.`,
  },
  serverProblem: {
    what: () => "Der Modellserver hat ein Problem",
    todo: (_problem, when) => again(when),
  },
  wrongPath: {
    what: (problem) => `Es gibt keine Chat-Schnittstelle ${atAddress(problem)}`,
    todo: (problem) =>
      `Prüfen Sie Pfad und Port in ${settingsOf(problem, onPage).address}; die meisten enden mit /v1.`,
  },
  redirect: {
    what: (problem) => `Der Server ${atAddress(problem)} leitet Anfragen an eine andere Adresse weiter`,
    todo: (problem) => `Setzen Sie ${settingsOf(problem, onPage).address} auf die endgültige Adresse.`,
  },
  brokenOff: {
    what: () => "Die Verbindung zum Modell ist abgebrochen",
    todo: () => "",
  },
  noFirstWord: {
    what: ({ limitMs }) => `Vom Modell kam ${duration(limitMs)} lang kein Wort`,
    todo: () => "Wenn es länger braucht, um zu beginnen, erhöhen Sie VERBATIM_FIRST_TOKEN_LIMIT_MS.",
  },
  noWord: {
    what: ({ limitMs }) => `Mitten in der Antwort kam ${duration(limitMs)} lang kein Wort vom Modell`,
    todo: () => "Wenn es länger braucht, erhöhen Sie VERBATIM_SILENCE_LIMIT_MS.",
  },
  runLimit: {
    what: ({ limitMs }) => `Die Antwort dauerte ${duration(limitMs)}; länger darf keine dauern`,
    todo: () => "Wenn Antworten länger brauchen, erhöhen Sie VERBATIM_RUN_LIMIT_MS.",
  },
  empty: {
    what: () => "Das Modell hat seine Antwort ohne ein Wort beendet",
    todo: () => "Versuchen Sie es noch einmal, oder wählen Sie ein anderes Modell.",
  },
  onlyThoughts: {
    what: () => "Das Modell hat nachgedacht, aber nicht geantwortet",
    todo: () => "Versuchen Sie es noch einmal, oder wählen Sie ein anderes Modell.",
  },
  toolRounds: {
    what: ({ rounds = 0 }) =>
      `Das Modell hat ${rounds}-mal hintereinander Werkzeuge aufgerufen; öfter ist in einer Antwort nicht erlaubt`,
    todo: () => "Mit „Weiterschreiben“ darf es das noch einmal so oft.",
  },
  refused: {
    what: () => "Das Modell hat die Antwort verweigert",
    todo: () => "Formulieren Sie die Nachricht anders, oder wählen Sie ein anderes Modell.",
  },
  endWord: {
    what: ({ words = "" }) => `Der Modellserver hat die Antwort mit „${words}“ beendet`,
    todo: () => "Sie ist vielleicht unvollständig.",
  },
  unknown: {
    what: () => "Das Modell konnte nicht antworten",
    todo: () => "",
  },
};

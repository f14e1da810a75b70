/** What a model is told that is asked for follow-ups. In a file of its own: the demo model knows it by it. */
export const FOLLOW_UPS_TASK =
  "You foresee what a user will send next. Reply with three different short messages that the user of the conversation that you are " +
  "shown might send after the assistant's reply, as the user would word them, in the language of the conversation. Each has at " +
  "most ten words and stands on a line of its own: no numbers, no quotation marks, no comment. Do not answer the conversation.";

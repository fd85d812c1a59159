/**
 * Why a text is not the name of a time zone of the tz database, spelled as it is there and as Temporal knows it; undefined when it is one. Not for
 * workflows: which zones there are changes with the version of their data.
 */
export function whyNotTimeZone(text: string): string | undefined {
  if (!/^[A-Za-z]/.test(text)) return 'must be the name of a time zone, such as Europe/Berlin or UTC';
  let known: string;
  try {
    known = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return 'is no time zone that is known here; it is a name such as Europe/Berlin or UTC';
  }
  const isSpelledOtherwise = known !== text && known.toLowerCase() === text.toLowerCase();
  return isSpelledOtherwise ? `must be spelled ${known}` : undefined;
}

// What signing names: the fingerprint of a sheet as displayed. As evaluations.sheets.queries.digest.

const byNumbers = (a, b) => a[0] - b[0] || a[1] - b[1];

// SHA-256, in hexadecimal, of the sheet's compact JSON.
//   sheet: its pk. scores: [[criterion, level value or null, note], …]. verdicts: [[competence, outcome, comment], …],
//   those with an outcome. divergences: [[criterion, assignment, level, reason], …]. In any order; texts as the server
//   has them. Needs a secure context, as all that is kept on the device.
export async function sheetDigest({ sheet, scores, verdicts, divergences }) {
  const shown = {
    sheet,
    scores: scores.toSorted(byNumbers),
    verdicts: verdicts.toSorted(byNumbers),
    divergences: divergences.toSorted(byNumbers),
  };
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(shown)));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

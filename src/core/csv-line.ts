/** Fields as a line of CSV (RFC 4180). A field that a spreadsheet would take for a formula is made text. */
export function csvLine(fields: readonly (string | number)[]): string {
  const quoted = fields.map((value) => {
    const text = typeof value === 'string' && /^[=+\-@\t]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(',')}\r\n`;
}

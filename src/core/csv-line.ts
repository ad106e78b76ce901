/** Where a cell begins for a spreadsheet: some separate by semicolons or tabs, and take a quote within for text. */
const FORMULA = /(^|[;\t\r\n])( *)(?=[=+\-@])/g;

/** Fields as a line of CSV (RFC 4180). What a spreadsheet of any country would take for a formula is made text. */
export function csvLine(fields: readonly (string | number)[]): string {
  const quoted = fields.map((value) => {
    const text = typeof value === 'string' ? value.replace(FORMULA, "$1'$2") : String(value);
    return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(',')}\r\n`;
}

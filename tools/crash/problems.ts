/** Notes what is not as it should be. */
export class Problems {
  readonly all: string[] = [];

  /** Values are compared as JSON. */
  same(what: string, is: unknown, expected: unknown): void {
    const [left, right] = [JSON.stringify(is), JSON.stringify(expected)];
    if (left !== right) this.all.push(`${what}: ${left}, not ${right}`);
  }
}

import { createRequire } from 'node:module';
import { chromium, type Page } from 'playwright';
import { chromiumArgs, findChromium } from '../chromium.ts';

/** mermaid as it is in the browser that draws. */
interface Mermaid {
  initialize(config: object): void;
  render(id: string, text: string): Promise<{ svg: string }>;
}

const BLOCK = /^```mermaid\n([\s\S]*?)^```$/gm;
/** The layout. Colours come from the site's style sheet, which sets the same font. */
const CONFIG = {
  startOnLoad: false,
  securityLevel: 'strict',
  theme: 'neutral',
  htmlLabels: false,
  fontFamily: 'Verdana, "DejaVu Sans", sans-serif',
  fontSize: 14,
  flowchart: {
    htmlLabels: false,
    useMaxWidth: false,
    padding: 12,
    nodeSpacing: 32,
    rankSpacing: 40,
    subGraphTitleMargin: { top: 6, bottom: 14 },
  },
};

/** Draws the mermaid blocks of Markdown pages. */
export class DiagramPainter {
  readonly #page: Page;
  #drawn = 0;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Starts a browser, which {@link dispose} ends. */
  static async start(): Promise<DiagramPainter> {
    const executablePath = findChromium();
    const browser = await chromium.launch({
      args: [...chromiumArgs],
      ...(executablePath !== undefined && { executablePath }),
    });
    const page = await browser.newPage();
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js') });
    await page.evaluate(
      (config) => (globalThis as unknown as { mermaid: Mermaid }).mermaid.initialize(config),
      CONFIG,
    );
    return new DiagramPainter(page);
  }

  async dispose(): Promise<void> {
    await this.#page.context().browser()?.close();
  }

  /**
   * The page with its diagrams as SVG.
   *
   * @throws where mermaid cannot read a block
   */
  async draw(text: string): Promise<string> {
    const parts: string[] = [];
    let end = 0;
    for (const match of text.matchAll(BLOCK)) {
      parts.push(text.slice(end, match.index));
      parts.push(`<div class="diagram" v-pre>${await this.#render(match[1]!)}</div>`);
      end = match.index + match[0].length;
    }
    return [...parts, text.slice(end)].join('');
  }

  async #render(source: string): Promise<string> {
    const id = `diagram-${++this.#drawn}`;
    const svg = await this.#page.evaluate(
      async ([name, code]) =>
        (await (globalThis as unknown as { mermaid: Mermaid }).mermaid.render(name, code)).svg,
      [id, source] as const,
    );
    // Vue takes no style elements in a page, and a line break would end the block.
    return svg.replaceAll(/<style>[\s\S]*?<\/style>/g, '').replaceAll(/\s*\n\s*/g, ' ');
  }
}

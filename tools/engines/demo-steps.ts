/** Runs in the page: the demo's main paths, in a frame of this origin. */
import { check, equal, type Steps } from './step.ts';

let frame: HTMLIFrameElement;

function all(selector: string): HTMLElement[] {
  return [...frame.contentDocument!.querySelectorAll<HTMLElement>(selector)];
}

function text(): string {
  return frame.contentDocument!.body.innerText;
}

/** Asks until there is an answer. */
async function until<T>(what: string, ask: () => T | undefined | false | null): Promise<T> {
  for (let i = 0; i < 200; i++) {
    const answer = ask();
    if (answer) return answer;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`waited in vain for ${what}; the page shows ${JSON.stringify(text().slice(0, 300))}`);
}

function nameOf(element: HTMLElement): string {
  const pictures = [...element.querySelectorAll('img')].map(({ alt }) => alt);
  return element.getAttribute('aria-label') ?? [...pictures, element.textContent].join(' ');
}

function button(name: RegExp, within: string = 'body'): Promise<HTMLElement> {
  return until(`a button ${String(name)}`, () =>
    all(`${within} button:not([disabled])`).find((element) => name.test(nameOf(element).trim())),
  );
}

async function go(tab: string): Promise<void> {
  frame.contentWindow!.location.hash = `#/${tab}`;
}

function type(input: HTMLInputElement, value: string): void {
  input.value = value;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

const BOXES = 'figure button[aria-label^="Face "]';

export const demoSteps: Steps = [
  [
    'demo: starts',
    async () => {
      frame = document.createElement('iframe');
      frame.style.cssText = 'width: 1200px; height: 800px';
      frame.src = '/demo/index.html#/photo';
      document.body.append(frame);
      await until('the models', () => /thread/.test(frame.contentDocument?.body?.innerText ?? ''));
    },
  ],
  [
    'demo: a sample, with boxes on the faces',
    async () => {
      (await button(/Sample 1:/)).click();
      await until('three boxes', () => all(BOXES).length === 3);
      const [stage, image] = [all('figure.stage')[0]!, all('figure.stage > img')[0] as HTMLImageElement];
      const [outer, inner] = [stage.getBoundingClientRect(), image.getBoundingClientRect()];
      for (const side of ['left', 'top', 'width', 'height'] as const)
        check(
          Math.abs(outer[side] - inner[side]) <= 1.5,
          `${side}: stage ${outer[side]}, photo ${inner[side]}`,
        );
      const ratio = image.naturalWidth / image.naturalHeight;
      check(Math.abs(inner.width / inner.height / ratio - 1) < 0.01, `${inner.width} × ${inner.height}`);
    },
  ],
  [
    'demo: the photo has its shape before it was looked at',
    async () => {
      (await button(/Sample 3:/)).click();
      const shapes = new Set<string>();
      await until('boxes', () => {
        const image = all('figure.stage > img')[0] as HTMLImageElement | undefined;
        const { width = 0, height = 0 } = all('figure.stage')[0]?.getBoundingClientRect() ?? {};
        const isLoaded = image?.complete && image.alt === 'sample3.jpg';
        if (isLoaded && height && getComputedStyle(image).visibility === 'visible')
          shapes.add((width / height).toFixed(2));
        return isLoaded && all(BOXES).length === 3 && /sample3/.test(image.alt);
      });
      equal(shapes.size, 1, `shapes ${[...shapes].join()}`);
    },
  ],
  [
    'demo: enrol a face',
    async () => {
      (await button(/Show sample1\.jpg/)).click();
      await until(
        'the photo',
        () => (all('figure.stage > img')[0] as HTMLImageElement)?.alt === 'sample1.jpg',
      );
      (await button(/^Face 1/, 'figure')).click();
      const input = await until('the name field', () =>
        all('label')
          .find((label) => /^(Who is this|Add as another)/.test(label.textContent ?? ''))
          ?.closest('form')
          ?.querySelector('input'),
      );
      type(input, 'Robin Vale');
      (await button(/^Enrol$/)).click();
      await button(/^Face \d+, Robin Vale/, 'figure');
    },
  ],
  [
    'demo: people',
    async () => {
      await go('people');
      await until('the tile', () => all('.face-tile').some((tile) => /Robin Vale/.test(nameOf(tile))));
    },
  ],
  [
    'demo: compare',
    async () => {
      await go('compare');
      (await button(/Sample 1:/, 'section[aria-label="First photo"]')).click();
      (await button(/Sample 3:/, 'section[aria-label="Second photo"]')).click();
      await until('the verdict', () => /Same person/.test(text()));
    },
  ],
  [
    'demo: storage, in words where the browser does not tell',
    async () => {
      await go('storage');
      await until('the usage', () => /1 face\./.test(text()));
      check(!/ of the 0 B/.test(text()), 'of 0 B');
      frame.remove();
    },
  ],
];

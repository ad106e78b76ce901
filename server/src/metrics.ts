import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { NearFace } from '../../src/index.ts';
import type { Answered } from '../../src/rest/index.ts';

/** What Prometheus reads of a server: requests and their times, calls under way, faces, and what the process takes up. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #seconds: Histogram;
  readonly #refused: Counter;

  /** @param calls - calls that are being answered now */
  constructor(nf: NearFace, calls: () => number) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#seconds = new Histogram({
      name: 'nearface_request_seconds',
      help: 'Seconds from a request to its answer',
      labelNames: ['api', 'method', 'route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.#refused = new Counter({
      ...{ name: 'nearface_refused_total', registers },
      help: 'Requests refused since too many were being answered',
    });
    new Gauge({
      ...{ name: 'nearface_calls', help: 'Requests that are being answered', registers },
      collect() {
        this.set(calls());
      },
    });
    new Gauge({
      ...{ name: 'nearface_vision_workers', help: 'Threads that look at photos and run', registers },
      collect() {
        this.set(nf.info.visionWorkers.running);
      },
    });
    new Gauge({
      ...{ name: 'nearface_photos_waiting', help: 'Photos that no thread has been given yet', registers },
      collect() {
        this.set(nf.info.visionWorkers.waiting);
      },
    });
    new Gauge({
      ...{ name: 'nearface_faces', help: 'Faces stored', registers },
      async collect() {
        this.set((await nf.storage.usage()).faces);
      },
    });
  }

  answered({ api, method, route = 'none', status, ms }: Answered): void {
    this.#seconds.observe({ api, method, route, status: String(status) }, ms / 1000);
  }

  refused(): void {
    this.#refused.inc();
  }

  /** In the text format of Prometheus. */
  async text(): Promise<{ readonly type: string; readonly body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}

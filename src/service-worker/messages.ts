/** What the service worker and the page that answers say to each other. Each request has a channel of its own, whose port comes with the offer. */

/** A request without its body. */
export interface RequestHead {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly hasBody: boolean;
}

/** An answer without its body. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly hasBody: boolean;
}

/** Sent to a page: whether it answers this request. */
export interface Offer {
  readonly nearface: 'request';
  readonly basePath: string;
  readonly head: RequestHead;
}

/** Of either side: pieces of a body, each of them asked for. */
export type BodyMessage =
  | { readonly kind: 'pull' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'piece'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end' }
  | { readonly kind: 'broken' };

/** Of a page. `life` is a lock that it holds as long as it lives. */
export type PageMessage =
  | { readonly kind: 'refused' }
  | { readonly kind: 'taken'; readonly life: string }
  | { readonly kind: 'head'; readonly head: ResponseHead }
  | BodyMessage;

/** Of the service worker. `go`: the page that took the request is the one that answers it. */
export type WorkerMessage = { readonly kind: 'go' } | { readonly kind: 'abort' } | BodyMessage;

export function isOffer(data: unknown): data is Offer {
  return typeof data === 'object' && data !== null && (data as Partial<Offer>).nearface === 'request';
}

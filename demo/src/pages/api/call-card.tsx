import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import { addressOf, type ApiCall, type ApiDialect, curlOf } from '../../model/api-call.ts';
import { fullJson, shortJson } from '../../model/call-text.ts';
import { answerKey, type ApiAnswer } from '../../state/api-store.ts';
import { useStore } from '../../state/store.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Problem } from '../../ui/problem.tsx';

/** Where `npx nearface serve` listens. */
const SERVER = 'http://localhost:8000';

const CHANGES = { stores: 'stores', deletes: 'deletes' } as const;

interface CallCardProps {
  readonly dialect: ApiDialect;
  readonly call: ApiCall;
}

/** A call: as curl makes it, as the library does it, and what it answers when it is run. */
export function CallCard({ dialect, call }: CallCardProps): VNode {
  const { api, announcement } = useStore();
  const id = useId();
  const answer = api.answers.value[answerKey(dialect, call.id)];
  const needed = api.idFor(dialect, call);
  const isMissing = call.idFrom !== undefined && needed === undefined;
  const before = dialect.calls.find((each) => each.id === call.idFrom?.call);
  const isRunning = answer?.kind === 'running';
  const isReady = api.state.value.kind === 'ready';
  const curl = curlOf(call, dialect, SERVER, needed);
  const run = async (): Promise<void> => {
    await api.run(dialect, call);
    const done = api.answers.value[answerKey(dialect, call.id)];
    announcement.value =
      done?.kind === 'done'
        ? `${call.title}: ${done.status} in ${Math.round(done.ms)} ms.`
        : `${call.title}: it failed.`;
  };
  return (
    <article class="api-call stack-3" aria-labelledby={`${id}-title`}>
      <div class="row between">
        <div class="stack-2">
          <h2 id={`${id}-title`}>
            {call.title}
            {call.changes && <span class="tag">{CHANGES[call.changes]}</span>}
          </h2>
          <p class="break">
            <code>
              {call.method} {addressOf(call, '', needed)}
            </code>
          </p>
        </div>
        <button
          type="button"
          class="button primary"
          disabled={!isReady || isMissing || isRunning}
          aria-label={`${isRunning ? 'Running…' : 'Run'}: ${call.title}`}
          aria-describedby={isMissing ? `${id}-needs` : undefined}
          onClick={() => void run()}
        >
          {isRunning ? 'Running…' : 'Run'}
        </button>
      </div>
      {isMissing && before && (
        <p id={`${id}-needs`} class="muted small">
          Run “{before.title}” first: this call needs the id that it answers.
        </p>
      )}
      <div class="api-codes">
        <Code title="curl" copy="Copy the command" text={curl} of={call.title} />
        <Code title="nearface" copy="Copy the code" text={call.nf} of={call.title} />
      </div>
      {answer && <Answer answer={answer} of={call.title} />}
    </article>
  );
}

interface CodeProps {
  readonly title: string;
  readonly copy: string;
  readonly text: string;
  /** The call that it belongs to. */
  readonly of: string;
}

function Code({ title, copy, text, of }: CodeProps): VNode {
  return (
    <div class="stack-2">
      <div class="row between">
        <h3>{title}</h3>
        <CopyButton label={copy} text={() => text} />
      </div>
      <pre class="code" tabIndex={0} role="region" aria-label={`${of}, ${title}`}>
        {text}
      </pre>
    </div>
  );
}

function Answer({ answer, of }: { readonly answer: ApiAnswer; readonly of: string }): VNode | null {
  if (answer.kind === 'running') return null;
  if (answer.kind === 'failed') return <Problem error={answer.error} />;
  const { status, ms, body } = answer;
  const isEmpty = body === '';
  return (
    <div class="stack-2">
      <div class="row between">
        <h3>
          <span class={status < 400 ? 'api-status ok' : 'api-status bad'}>{status}</span> in {Math.round(ms)}{' '}
          ms
        </h3>
        {!isEmpty && <CopyButton label="Copy all of it" text={() => textOf(body)} />}
      </div>
      {!isEmpty && (
        <pre class="code tall" tabIndex={0} role="region" aria-label={`${of}, the answer`}>
          {typeof body === 'string' ? body : shortJson(body)}
        </pre>
      )}
      {isEmpty && <p class="muted small">The answer has no body.</p>}
    </div>
  );
}

const textOf = (body: unknown): string => (typeof body === 'string' ? body : fullJson(body));

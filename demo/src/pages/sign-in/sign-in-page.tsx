import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { count } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Select } from '../../ui/select.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { SignInCamera } from './sign-in-camera.tsx';
import { SignInResult } from './sign-in-result.tsx';

/** One enrolled person shows before the camera that it is them, and alive. */
export function SignInPage(): VNode {
  const { signIn } = useStore();
  const state = signIn.state.value;
  useEffect(() => signIn.stop, []);
  return (
    <>
      <PageHead
        title="Sign in"
        lead="Choose who you are, then do what the page asks before the camera. Nothing leaves this device, and nothing of it is stored."
      />
      <WhoForm />
      {state.kind === 'starting' && <p class="muted">Waiting for the camera…</p>}
      {state.kind === 'asking' && <SignInCamera asked={state} />}
      {state.kind === 'done' && <SignInResult outcome={state} />}
      {state.kind === 'failed' && <Problem error={state.error} onRetry={() => void signIn.start()} />}
    </>
  );
}

/** Who it is to be, and the start; or how to enrol somebody. */
function WhoForm(): VNode {
  const { library, settings, signIn } = useStore();
  const names = library.metas.value.filter(({ meta }) => meta !== '');
  const known = names.some(({ meta }) => meta === signIn.name.value);
  useEffect(() => {
    if (!known) signIn.name.value = names[0]?.meta ?? '';
  }, [known, names[0]?.meta]);
  const kind = signIn.state.value.kind;
  const isBusy = kind === 'starting' || kind === 'asking';
  if (names.length === 0)
    return (
      <section class="panel stack-3" aria-label="Nobody to sign in as">
        <h2>Nobody has a name here yet</h2>
        <p>
          To sign in, somebody has to be enrolled in the gallery “{settings.gallery.value}”: take a picture of
          yourself on the page <a href="#/camera">Camera</a>, or drop one on the page{' '}
          <a href="#/photo">Photo</a>, and give the face a name.
        </p>
      </section>
    );
  return (
    <form
      class="panel sign-in-form"
      aria-label="Who signs in"
      onSubmit={(event) => {
        event.preventDefault();
        void signIn.start();
      }}
    >
      <Select
        label="I am"
        value={signIn.name.value}
        disabled={isBusy}
        options={names.map(({ meta, count: faces }) => [meta, `${meta} (${count(faces, 'face')})`])}
        onChange={(name) => (signIn.name.value = name)}
      />
      <Toggle label="Refuse prints by their look" on={signIn.passive} />
      <div class="row push">
        {isBusy ? (
          // Two elements: one that became the other while it is pressed would submit the form.
          <button key="stop" type="button" class="button" onClick={signIn.stop}>
            Stop
          </button>
        ) : (
          <button key="start" type="submit" class="button primary">
            Start
          </button>
        )}
      </div>
    </form>
  );
}

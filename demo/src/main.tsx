import { render } from 'preact';
import { App } from './shell/app.tsx';
import { createStore, StoreContext } from './state/store.ts';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/meters.css';
import './style/dialog.css';
import './style/layout.css';
import './style/header.css';
import './style/faces.css';
import './style/face-card.css';
import './style/close-up.css';
import './style/storage.css';
import './style/pages.css';
import './style/photo.css';
import './style/disclosure.css';
import './style/compare.css';
import './style/sign-in.css';
import './style/people.css';
import './style/history.css';
import './style/camera.css';
import './style/video.css';
import './style/thresholds.css';
import './style/api.css';
import './style/benchmark.css';

render(
  <StoreContext.Provider value={createStore()}>
    <App />
  </StoreContext.Provider>,
  document.getElementById('app')!,
);

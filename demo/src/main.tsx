import { render } from 'preact';
import { App } from './shell/app.tsx';
import { createStore, StoreContext } from './state/store.ts';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/layout.css';
import './style/faces.css';
import './style/pages.css';

render(
  <StoreContext.Provider value={createStore()}>
    <App />
  </StoreContext.Provider>,
  document.getElementById('app')!,
);

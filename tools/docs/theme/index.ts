/// <reference types="vite/client" />
import DefaultTheme from 'vitepress/theme-without-fonts';
import './style.css';

/** VitePress's theme with the system's fonts and the project's colours. */
export default DefaultTheme;

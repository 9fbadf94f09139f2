import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { boot } from './lib/boot';
import { loadTexts, locale } from './lib/i18n/pick.svelte';

/** The fonts of the first screen come with the app: within this many milliseconds, or the system's are used until they do. */
const FONTS_WITHIN = 120;

/** Drawing once with the system's fonts and again with ours costs more than waiting: finding the former takes longest of all. */
async function fonts(): Promise<void> {
  const own = ['Hanken Grotesk', 'Geist Mono'].map((family) => document.fonts.load(`1em "${family}"`));
  await Promise.race([Promise.allSettled(own), new Promise((done) => setTimeout(done, FONTS_WITHIN))]);
}

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
// Without them the page is in English, rather than not there.
const texts = loadTexts(locale.current).catch(() => (locale.current = 'en'));
boot();
void Promise.all([fonts(), texts]).then(() => mount(App, { target }));

/**
 * The language, and the messages in it.
 *
 * `m.some_key()` reads the language each time, so a template that calls it changes with the language.
 * Never keep a message in a module constant.
 */
export { m } from '../paraglide/messages.js';
export { locale, type Locale } from './pick.svelte';

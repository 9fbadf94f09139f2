import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { views } from './views';
import { boot } from './lib/boot';

// The map is where the day starts: its code loads while the engine opens the workspace.
if (location.pathname === '/' || location.pathname === '/risks') void views.risks();

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
boot();
mount(App, { target });

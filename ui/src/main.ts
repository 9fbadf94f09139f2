import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { boot } from './lib/boot';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
boot();
mount(App, { target });

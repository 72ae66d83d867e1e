#!/usr/bin/env node
import { launch } from './launch.js';

launch('repl/main.js', 'runRepl');
